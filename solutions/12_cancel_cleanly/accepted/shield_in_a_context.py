"""A context manager for the night; each step of its end is shielded by itself."""

import asyncio


async def to_its_end(coroutine):
    """Whether it was cancelled meanwhile. Raises what the coroutine raises."""
    task, was_cancelled = asyncio.ensure_future(coroutine), False
    while True:
        try:
            await asyncio.shield(task)
            return was_cancelled
        except asyncio.CancelledError:
            was_cancelled = True


class Dome:
    def __init__(self, save, park):
        self.pictures, self.save, self.park = [], save, park

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        was_cancelled = False
        try:
            was_cancelled = await to_its_end(self.save(self.pictures))
        finally:
            was_cancelled |= await to_its_end(self.park())
        if was_cancelled:
            raise asyncio.CancelledError


async def observe(targets, expose, save, park):
    async with Dome(save, park) as dome:
        for target in targets:
            dome.pictures.append(await expose(target))
    return dome.pictures

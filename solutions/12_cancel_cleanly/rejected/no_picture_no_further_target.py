"""Rejected by test_a_whole_night: WRONG_ANSWER. A picture that is None ends the night."""

import asyncio


async def observe(targets, expose, save, park):
    pictures = []

    async def clean():
        try:
            await save(pictures)
        finally:
            await park()

    try:
        for target in targets:
            picture = await expose(target)
            if picture is None:
                break
            pictures.append(picture)
    finally:
        task = asyncio.create_task(clean())
        cancelled = None
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled:
            raise cancelled
        task.result()
    return pictures

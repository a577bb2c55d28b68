"""Rejected by test_several_telescopes: WRONG_ANSWER. The pictures of all telescopes lie in one list."""

import asyncio


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    finally:
        await park()


async def undisturbed(coroutine):
    task = asyncio.create_task(coroutine)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    return task.result()


pictures = []


async def observe(targets, expose, save, park):
    pictures.clear()
    try:
        for target in targets:
            pictures.append(await expose(target))
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return list(pictures)

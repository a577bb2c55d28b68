"""Rejected by test_saving_fails: WRONG_ANSWER. Any other error of the saving leaves the dome open."""

import asyncio


async def undisturbed(coroutine):
    task = asyncio.create_task(coroutine)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    except OSError:
        await park()
        raise
    await park()


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

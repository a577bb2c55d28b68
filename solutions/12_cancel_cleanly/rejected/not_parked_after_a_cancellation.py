"""Rejected by test_cancelled_and_not_saved: WRONG_ANSWER. Saving that fails after a cancellation leaves the dome open."""

import asyncio


async def undisturbed(coroutine):
    task = asyncio.create_task(coroutine)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and task.exception() is None:
        raise cancelled
    return task.result()


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    finally:
        await park()


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    except asyncio.CancelledError:
        await undisturbed(save(pictures))
        await undisturbed(park())
        raise
    except BaseException:
        await undisturbed(clean_up(pictures, save, park))
        raise
    await undisturbed(clean_up(pictures, save, park))
    return pictures

"""Rejected by test_cancelled_after_a_failure: WRONG_ANSWER. Protected after a good night and a cancelled one, but not after an error."""

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


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    except Exception:
        await clean_up(pictures, save, park)
        raise
    except asyncio.CancelledError:
        await undisturbed(clean_up(pictures, save, park))
        raise
    else:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

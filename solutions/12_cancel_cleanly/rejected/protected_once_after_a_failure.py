"""Rejected by test_cancelled_after_a_failure: WRONG_ANSWER. After an error, the second cancellation breaks the clean-up off."""

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


async def protected_once(coroutine):
    task = asyncio.create_task(coroutine)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


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
    except Exception:
        await protected_once(clean_up(pictures, save, park))
        raise
    except asyncio.CancelledError:
        await undisturbed(clean_up(pictures, save, park))
        raise
    else:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

"""Rejected by test_cancelled_clean_up: WRONG_ANSWER. After a good night, the second cancellation breaks the clean-up off."""

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
    except BaseException:
        await undisturbed(clean_up(pictures, save, park))
        raise
    await protected_once(clean_up(pictures, save, park))
    return pictures

"""Rejected by test_an_exposure_fails: WRONG_ANSWER. The dome is closed after an OSError, and after no other error."""

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
    finally:
        await park()


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    except (OSError, asyncio.CancelledError):
        await undisturbed(clean_up(pictures, save, park))
        raise
    await undisturbed(clean_up(pictures, save, park))
    return pictures

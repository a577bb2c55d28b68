"""Rejected by test_cancelled_exposure: WRONG_ANSWER. A cancelled task gets no KeyboardInterrupt, so nothing is saved."""

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
    except KeyboardInterrupt:
        await undisturbed(clean_up(pictures, save, park))
        raise
    await undisturbed(clean_up(pictures, save, park))
    return pictures

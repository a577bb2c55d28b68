"""Rejected by test_cancelled: WRONG_ANSWER. The picture under way is finished before the cancellation counts."""

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
            pictures.append(await undisturbed(expose(target)))
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

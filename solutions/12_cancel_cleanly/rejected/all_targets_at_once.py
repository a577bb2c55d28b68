"""Rejected by test_a_whole_night: WRONG_ANSWER. One telescope cannot look at all of them."""

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
        pictures += await asyncio.gather(*(expose(target) for target in targets))
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

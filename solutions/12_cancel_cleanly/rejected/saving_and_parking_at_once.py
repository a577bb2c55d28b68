"""Rejected by test_a_whole_night: WRONG_ANSWER. The telescope is turned away while the pictures are being saved."""

import asyncio


async def clean_up(pictures, save, park):
    await asyncio.gather(save(pictures), park())


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
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

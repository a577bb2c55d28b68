"""Rejected by test_cancelled_clean_up: WRONG_ANSWER. Only the dome is looked after."""

import asyncio


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    finally:
        await undisturbed(park())


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
        await clean_up(pictures, save, park)
    return pictures

"""Rejected by test_a_whole_night: RUNTIME_ERROR. The clean-up is given one second, and cut off then."""

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
    finally:
        await undisturbed(asyncio.wait_for(clean_up(pictures, save, park), 1))
    return pictures

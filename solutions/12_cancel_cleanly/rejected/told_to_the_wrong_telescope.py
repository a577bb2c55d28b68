"""Rejected by test_the_others_go_on: RUNTIME_ERROR. Whether it was cancelled is noted once for all telescopes."""

import asyncio

cancelled = None


async def undisturbed(coroutine):
    global cancelled
    task = asyncio.create_task(coroutine)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        error, cancelled = cancelled, None
        raise error
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
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

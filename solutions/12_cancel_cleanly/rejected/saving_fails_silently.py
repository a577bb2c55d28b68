"""Rejected by test_saving_fails: WRONG_ANSWER. Nobody is told that the pictures are lost."""

import asyncio


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    except Exception as error:
        print(error)
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
        await undisturbed(clean_up(pictures, save, park))
    return pictures

"""Rejected by test_cancelled_exposure: WRONG_ANSWER. The cancellation sets a flag, which is looked at after the picture."""

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
            task, stop = asyncio.create_task(expose(target)), False
            while not task.done():
                try:
                    await asyncio.wait([task])
                except asyncio.CancelledError:
                    stop = True
            pictures.append(task.result())
            if stop:
                raise asyncio.CancelledError
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

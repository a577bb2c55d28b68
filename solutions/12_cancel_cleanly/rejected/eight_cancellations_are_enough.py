"""Rejected by test_cancelled_again: LEAKED. Eight cancellations are waited through, and no ninth."""

import asyncio


async def undisturbed(coroutine):
    task = asyncio.create_task(coroutine)
    cancelled = None
    for _ in range(8):
        if task.done():
            break
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
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

"""Rejected by test_cancelled: WRONG_ANSWER (cancellation_swallowed). The caller hears nothing of the cancellation."""

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
    except asyncio.CancelledError:
        print(f"Stopped after {len(pictures)} pictures.")
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

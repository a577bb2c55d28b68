"""Rejected by test_cancelled_clean_up: WRONG_ANSWER (cancellation_swallowed). A cancellation during the clean-up is waited through, and forgotten."""

import asyncio


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    finally:
        await park()


async def undisturbed(coroutine):
    task = asyncio.create_task(coroutine)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            pass
    return task.result()


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    finally:
        await undisturbed(clean_up(pictures, save, park))
    return pictures

"""The whole night is a task, which hears of a cancellation only while it is exposing."""

import asyncio


async def observe(targets, expose, save, park):
    pictures, exposing, stopped = [], None, False

    async def night():
        nonlocal exposing
        try:
            for target in targets:
                if stopped:
                    break
                exposing = asyncio.create_task(expose(target))
                pictures.append(await exposing)
        finally:
            try:
                await save(pictures)
            finally:
                await park()

    task = asyncio.create_task(night())
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            stopped = True
            if exposing is not None:
                exposing.cancel()
    try:
        task.result()
    finally:
        if stopped:
            raise asyncio.CancelledError
    return pictures

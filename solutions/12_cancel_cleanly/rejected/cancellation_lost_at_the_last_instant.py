"""Rejected by test_cancelled: WRONG_ANSWER (cancellation_swallowed). Cancelled when the clean-up has just ended, it says nothing of it."""

import asyncio


async def observe(targets, expose, save, park):
    pictures, stop = [], None
    try:
        for target in targets:
            pictures.append(await expose(target))
    except BaseException as error:
        stop = error

    async def clean():
        try:
            await save(pictures)
        finally:
            await park()

    task = asyncio.create_task(clean())
    while True:
        try:
            await asyncio.shield(task)
            break
        except asyncio.CancelledError as error:
            if task.done():
                break
            stop = error
        except Exception as error:
            stop = error
            break
    if stop:
        raise stop
    return pictures

"""Rejected by test_cancelled_after_a_failure: WRONG_ANSWER (cancellation_swallowed). An error and a cancellation: the error comes out, the cancellation is lost."""

import asyncio


async def observe(targets, expose, save, park):
    pictures, error, cancelled = [], None, None
    try:
        for target in targets:
            pictures.append(await expose(target))
    except asyncio.CancelledError as problem:
        cancelled = problem
    except Exception as problem:
        error = problem

    async def clean():
        try:
            await save(pictures)
        finally:
            await park()

    task = asyncio.create_task(clean())
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as problem:
            cancelled = problem
    if error:
        raise error
    if cancelled:
        raise cancelled
    task.result()
    return pictures

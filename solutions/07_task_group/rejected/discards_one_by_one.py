"""Rejected by test_first_failure_stops_the_rest: NOT_CONCURRENT. Cancels and waits for one save after another."""

import asyncio


broom = asyncio.Lock()


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        async with broom:
            await discard(record)
        raise


async def save_all(records, save, discard):
    tasks = [asyncio.create_task(save_one(record, save, discard)) for record in records]
    if not tasks:
        return []
    errors, stopped = [], None
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError as error:
        stopped = error
    waiting = [task for task in tasks if not task.done()]
    for task in waiting:
        task.cancel()
    tidying = asyncio.Lock()
    for task in tasks:
        async with tidying:
            try:
                await task
            except (Exception, asyncio.CancelledError) as error:
                errors.append(error)
    if stopped:
        raise stopped
    errors = [error for error in errors if isinstance(error, Exception)]
    if errors:
        raise ExceptionGroup("save_all", errors)
    return [task.result() for task in tasks]

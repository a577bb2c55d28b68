"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. Looks every 10 ms whether something has failed."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    tasks = [asyncio.create_task(save_one(record, save, discard)) for record in records]
    try:
        while not all(task.done() for task in tasks):
            if any(task.done() and task.exception() for task in tasks):
                break
            await asyncio.sleep(0.01)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        errors = [task.exception() for task in tasks if not task.cancelled() and task.exception()]
    if errors:
        raise ExceptionGroup("save_all", errors)
    return [task.result() for task in tasks]

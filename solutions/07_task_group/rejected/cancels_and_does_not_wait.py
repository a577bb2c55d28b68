"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. cancel() only asks; the discarding goes on after the end."""

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
        return await asyncio.gather(*tasks)
    except Exception as error:
        for task in tasks:
            task.cancel()
        raise ExceptionGroup("save_all", [error])

"""Rejected by test_stopped_from_outside: LEAKED. A cancelled gather has asked its tasks to end, and no more."""

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
    except Exception:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        raise ExceptionGroup("save_all", [each for each in outcomes if isinstance(each, Exception)])

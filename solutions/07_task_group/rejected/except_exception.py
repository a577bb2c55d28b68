"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. A cancellation is no Exception, so nothing cancelled is discarded."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except Exception:
        await discard(record)
        raise


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

"""Rejected by test_every_cause_is_told: WRONG_ANSWER. A discard that takes more than a second is given up."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await asyncio.wait_for(discard(record), 1)
        raise


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

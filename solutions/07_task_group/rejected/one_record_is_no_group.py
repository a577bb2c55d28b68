"""Rejected by test_every_cause_is_told: WRONG_ANSWER. One record is saved without a group, so its error comes bare."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    if len(records) == 1:
        return [await save_one(records[0], save, discard)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

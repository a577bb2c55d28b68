"""Rejected by test_saves_overlap: NOT_CONCURRENT (task_group_per_item). A task group for each record."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    receipts = []
    for record in records:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(save_one(record, save, discard))
        receipts.append(task.result())
    return receipts

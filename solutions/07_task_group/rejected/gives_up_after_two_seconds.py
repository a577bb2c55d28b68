"""Rejected by test_receipts_in_order: RUNTIME_ERROR. A save that takes more than two seconds is given up."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await asyncio.wait_for(save(record), 2)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

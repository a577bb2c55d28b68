"""Rejected by test_receipts_in_order: WRONG_ANSWER. A `finally` throws away what was saved."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    finally:
        await discard(record)


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

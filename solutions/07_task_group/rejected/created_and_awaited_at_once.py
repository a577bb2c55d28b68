"""Rejected by test_saves_overlap: NOT_CONCURRENT (created_and_awaited_at_once). Tasks, each waited for at once."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        return [await group.create_task(save_one(record, save, discard)) for record in records]

"""Rejected by test_saves_overlap: NOT_CONCURRENT. A bound that nobody asked for."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    hands = asyncio.Semaphore(10)

    async def attend(record):
        async with hands:
            return await save_one(record, save, discard)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attend(record)) for record in records]
    return [task.result() for task in tasks]

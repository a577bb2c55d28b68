"""Rejected by test_saves_overlap: NOT_CONCURRENT. No more than a hundred saves at a time."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    places = asyncio.Semaphore(100)

    async def save_in_turn(record):
        async with places:
            return await save_one(record, save, discard)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_in_turn(record)) for record in records]
    return [task.result() for task in tasks]

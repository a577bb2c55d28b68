"""Rejected by test_one_save_alone: WRONG_ANSWER. Nobody presses Ctrl-C: a coroutine is stopped by a CancelledError."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except KeyboardInterrupt:
        await discard(record)
        raise


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

"""Rejected by test_one_save_alone: WRONG_ANSWER (cancellation_swallowed). After the clean-up the cancellation has to go on."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)


async def save_all(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]

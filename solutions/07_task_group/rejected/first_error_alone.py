"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. Takes the first error out of its group."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_in_group(records, save, discard):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(save_one(record, save, discard)) for record in records]
    return [task.result() for task in tasks]


async def save_all(records, save, discard):
    try:
        return await save_in_group(records, save, discard)
    except ExceptionGroup as group:
        raise group.exceptions[0]

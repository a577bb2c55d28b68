"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. The group never hears of a failure that its task has caught."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    errors = []

    async def attempt(record):
        try:
            return await save_one(record, save, discard)
        except Exception as error:
            errors.append(error)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt(record)) for record in records]
    if errors:
        raise ExceptionGroup("save_all", errors)
    return [task.result() for task in tasks]

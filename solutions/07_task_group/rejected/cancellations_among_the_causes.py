"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. The group holds the cancellations too."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    tasks = [asyncio.create_task(save_one(record, save, discard)) for record in records]
    try:
        return await asyncio.gather(*tasks)
    except BaseException as reason:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(reason, asyncio.CancelledError):
            raise
        raise BaseExceptionGroup("save_all", [each for each in outcomes if isinstance(each, BaseException)])

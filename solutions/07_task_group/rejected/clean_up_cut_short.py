"""Rejected by test_stopped_from_outside: WRONG_ANSWER. A cancelled gather has cancelled its tasks; cancelled again, they stop discarding."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    tasks = [asyncio.ensure_future(save_one(record, save, discard)) for record in records]
    try:
        return await asyncio.gather(*tasks)
    except BaseException as reason:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(reason, asyncio.CancelledError):
            raise
        raise ExceptionGroup("save_all", [each for each in outcomes if isinstance(each, Exception)]) from None

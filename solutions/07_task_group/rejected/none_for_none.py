"""Rejected by test_receipts_in_order: RUNTIME_ERROR. asyncio.wait wants something to wait for."""

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
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        errors = [task.exception() for task in tasks if not task.cancelled() and task.exception()]
    if errors:
        raise ExceptionGroup("records were not saved", errors)
    return [task.result() for task in tasks]

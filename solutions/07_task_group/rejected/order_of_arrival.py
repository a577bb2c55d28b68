"""Rejected by test_receipts_in_order: WRONG_ANSWER (results_in_arrival_order). Receipts in the order in which they came."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    receipts = []

    async def attend(record):
        receipts.append(await save_one(record, save, discard))

    async with asyncio.TaskGroup() as group:
        for record in records:
            group.create_task(attend(record))
    return receipts

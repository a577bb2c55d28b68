"""Rejected by test_saves_overlap: NOT_CONCURRENT (awaited_in_a_loop). Each save waits for the one before."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    receipts = []
    for record in records:
        try:
            receipts.append(await save_one(record, save, discard))
        except Exception as error:
            raise ExceptionGroup("save_all", [error])
    return receipts

"""Rejected by test_first_failure_stops_the_rest: LEAKED. gather raises the first failure and leaves the rest running."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    return await asyncio.gather(*(save_one(record, save, discard) for record in records))

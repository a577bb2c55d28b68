"""Rejected by test_saves_overlap: BLOCKED_LOOP. Threads with loops of their own, and a loop that waits for them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    with ThreadPoolExecutor(10) as pool:
        futures = [pool.submit(asyncio.run, save_one(record, save, discard)) for record in records]
        return [future.result() for future in futures]

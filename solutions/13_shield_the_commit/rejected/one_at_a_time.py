"""Rejected by test_many_transfers: NOT_CONCURRENT. One lock for all transfers."""

import asyncio


lock = asyncio.Lock()


async def transfer(order, check, commit, notify):
    approval = await check(order)
    async with lock:
        committing = asyncio.create_task(commit(order, approval))
        cancelled = None
        while not committing.done():
            try:
                await asyncio.wait([committing])
            except asyncio.CancelledError as error:
                cancelled = error
    receipt = committing.result()
    if cancelled:
        raise cancelled
    await notify(receipt)
    return receipt

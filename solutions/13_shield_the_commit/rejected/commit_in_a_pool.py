"""Rejected by test_many_transfers: NOT_CONCURRENT. A thread of the pool for each commit, with a loop of its own: there are only so many."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.ensure_future(asyncio.to_thread(asyncio.run, commit(order, approval)))
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

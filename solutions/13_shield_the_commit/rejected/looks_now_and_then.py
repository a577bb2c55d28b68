"""Rejected by test_cancelled: NOT_CONCURRENT. Sleeps and looks instead of waiting."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    try:
        receipt = await asyncio.shield(committing)
    except asyncio.CancelledError:
        while not committing.done():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pass
        committing.result()
        raise
    await notify(receipt)
    return receipt

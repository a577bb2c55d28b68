"""Rejected by test_cancelled: BUSY_LOOP. sleep(0) until the commit has ended."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    try:
        receipt = await asyncio.shield(committing)
    except asyncio.CancelledError:
        while not committing.done():
            await asyncio.sleep(0)
        committing.result()
        raise
    await notify(receipt)
    return receipt

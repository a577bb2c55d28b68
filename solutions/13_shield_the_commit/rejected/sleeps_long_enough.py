"""Rejected by test_cancelled_at_any_instant: NOT_CONCURRENT. No commit takes longer than three seconds."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    try:
        receipt = await asyncio.shield(committing)
    except asyncio.CancelledError:
        await asyncio.sleep(3)
        committing.result()
        raise
    await notify(receipt)
    return receipt

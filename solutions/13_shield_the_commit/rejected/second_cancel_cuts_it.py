"""Rejected by test_cancelled_again: WRONG_ANSWER. Shielded once; the wait that follows is not."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    try:
        receipt = await asyncio.shield(committing)
    except asyncio.CancelledError:
        await committing
        raise
    await notify(receipt)
    return receipt

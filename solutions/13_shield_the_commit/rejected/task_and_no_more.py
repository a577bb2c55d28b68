"""Rejected by test_cancelled_at_any_instant: WRONG_ANSWER. A task of its own is cancelled all the same by whoever awaits it."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    receipt = await committing
    await notify(receipt)
    return receipt

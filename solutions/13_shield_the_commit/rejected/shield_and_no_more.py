"""Rejected by test_cancelled: LEAKED. shield keeps the commit, but nobody waits for it."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    receipt = await asyncio.shield(commit(order, approval))
    await notify(receipt)
    return receipt

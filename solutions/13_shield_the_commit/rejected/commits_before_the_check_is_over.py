"""Rejected by test_transfer_is_made: WRONG_ANSWER. Nobody waits for the approval."""

import asyncio


async def transfer(order, check, commit, notify):
    approving = asyncio.ensure_future(check(order))
    receipt = await asyncio.shield(commit(order, "approved"))
    await approving
    await notify(receipt)
    return receipt

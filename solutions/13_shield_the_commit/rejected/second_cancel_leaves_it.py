"""Rejected by test_a_step_that_takes_a_while_to_stop: LEAKED. Shielded twice, so that the second cancellation leaves the commit alone."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    try:
        receipt = await asyncio.shield(committing)
    except asyncio.CancelledError:
        await asyncio.shield(committing)
        raise
    await notify(receipt)
    return receipt

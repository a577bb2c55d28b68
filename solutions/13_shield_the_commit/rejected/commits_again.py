"""Rejected by test_cancelled_at_any_instant: WRONG_ANSWER. Tries again until a commit comes through uncut."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    cancelled = None
    while True:
        try:
            receipt = await commit(order, approval)
            break
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    await notify(receipt)
    return receipt

"""Rejected by test_cancelled: WRONG_ANSWER. Held back, and never given out again."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    cancelled = None
    while not committing.done():
        try:
            await asyncio.wait([committing])
        except asyncio.CancelledError as error:
            cancelled = error
    receipt = committing.result()
    await notify(receipt)
    return receipt

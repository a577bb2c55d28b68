"""Rejected by test_cancelled_at_any_instant: WRONG_ANSWER. Honours the cancellation after the next step."""

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
    if cancelled:
        raise cancelled
    return receipt

"""Rejected by test_the_caller_counts_cancellations: WRONG_ANSWER. Takes back each cancellation that it has caught."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    me = asyncio.current_task()
    cancelled = False
    while not committing.done():
        try:
            await asyncio.wait([committing])
        except asyncio.CancelledError:
            me.uncancel()
            cancelled = True
    receipt = committing.result()
    if cancelled:
        raise asyncio.CancelledError
    await notify(receipt)
    return receipt

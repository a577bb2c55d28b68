"""Rejected by test_cancelled: WRONG_ANSWER. A cancellation that comes with the commit's end is taken for none."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    cancelled = None
    while not committing.done():
        try:
            await asyncio.wait([committing])
        except asyncio.CancelledError as error:
            if not committing.done():
                cancelled = error
    receipt = committing.result()
    if cancelled:
        raise cancelled
    await notify(receipt)
    return receipt

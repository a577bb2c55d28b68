"""Rejected by test_cancelled_again: LEAKED. Patient, to a point."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    cancelled = None
    for _ in range(10):
        try:
            await asyncio.wait([committing])
            break
        except asyncio.CancelledError as error:
            cancelled = error
    else:
        raise cancelled
    receipt = committing.result()
    if cancelled:
        raise cancelled
    await notify(receipt)
    return receipt

"""Rejected by test_a_transfer_is_made: WRONG_ANSWER. Notifies of a receipt only if there is something in it."""

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
    if cancelled is not None:
        raise cancelled
    if receipt:
        await notify(receipt)
    return receipt

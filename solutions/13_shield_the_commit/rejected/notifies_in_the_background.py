"""Rejected by test_a_transfer_is_made: LEAKED. Nobody waits for the notification."""

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
    if cancelled:
        raise cancelled
    asyncio.create_task(notify(receipt))
    return receipt

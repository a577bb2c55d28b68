"""Rejected by test_errors_come_out: WRONG_ANSWER. The error is notified to both sides."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.gather(commit(order, approval), return_exceptions=True)
    cancelled = None
    while not committing.done():
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError as error:
            cancelled = error
    [receipt] = committing.result()
    if cancelled:
        raise cancelled
    await notify(receipt)
    return receipt

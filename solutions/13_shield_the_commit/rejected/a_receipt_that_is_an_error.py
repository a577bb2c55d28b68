"""Rejected by test_a_transfer_is_made: RUNTIME_ERROR. gather(return_exceptions=True) cannot tell a failure from a receipt that is an exception."""

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
    if isinstance(receipt, BaseException):
        raise receipt
    if cancelled is not None:
        raise cancelled
    await notify(receipt)
    return receipt

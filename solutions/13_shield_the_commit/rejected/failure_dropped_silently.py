"""Rejected by test_commit_fails_while_cancelled: WRONG_ANSWER. gather(return_exceptions=True), and nobody looks what it says."""

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
    if cancelled:
        raise cancelled
    [receipt] = committing.result()
    if isinstance(receipt, Exception):
        raise receipt
    await notify(receipt)
    return receipt

"""Rejected by test_transfer_is_made: WRONG_ANSWER. The same order once more is taken for one that has been transferred."""

import asyncio

RECEIPTS = {}


async def transfer(order, check, commit, notify):
    if order in RECEIPTS:
        return RECEIPTS[order]
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
    await notify(receipt)
    RECEIPTS[order] = receipt
    return receipt

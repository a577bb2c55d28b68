"""Rejected by test_many_transfers: WRONG_ANSWER. Transfers of the same order share one commit."""

import asyncio

COMMITS = {}


async def transfer(order, check, commit, notify):
    approval = await check(order)
    if order not in COMMITS:
        COMMITS[order] = asyncio.create_task(commit(order, approval))
    committing = COMMITS[order]
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
    return receipt

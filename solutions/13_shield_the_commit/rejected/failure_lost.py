"""Rejected by test_commit_fails_while_cancelled: WRONG_ANSWER. The cancellation has the last word, and nobody hears of the failure."""

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
    if cancelled:
        raise cancelled
    receipt = committing.result()
    await notify(receipt)
    return receipt

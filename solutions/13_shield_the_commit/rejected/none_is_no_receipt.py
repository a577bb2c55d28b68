"""Rejected by test_transfer_is_made: WRONG_ANSWER. Commits until there is a receipt other than None."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    receipt = None
    cancelled = None
    while receipt is None:
        task = asyncio.create_task(commit(order, approval))
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
        receipt = task.result()
    if cancelled is not None:
        raise cancelled
    await notify(receipt)
    return receipt

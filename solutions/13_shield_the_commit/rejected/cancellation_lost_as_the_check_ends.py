"""Rejected by test_cancelled: WRONG_ANSWER. Cancelled when the check has just ended, it makes the transfer all the same."""

import asyncio


async def unless_called_off(coroutine):
    task = asyncio.create_task(coroutine)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
    return task.result()


async def transfer(order, check, commit, notify):
    approval = await unless_called_off(check(order))
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
    return receipt

"""Rejected by test_cancelled: LEAKED. A check that nobody waits for goes on."""

import asyncio


async def in_peace(awaitable):
    task = asyncio.ensure_future(awaitable)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    result = task.result()
    if cancelled:
        raise cancelled
    return result


async def transfer(order, check, commit, notify):
    approval = await in_peace(check(order))
    receipt = await in_peace(commit(order, approval))
    await notify(receipt)
    return receipt

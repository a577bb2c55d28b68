"""Rejected by test_cancelled: WRONG_ANSWER. Nothing can be cancelled, the check neither."""

import asyncio


async def in_peace(order, check, commit, notify):
    receipt = await commit(order, await check(order))
    await notify(receipt)
    return receipt


async def transfer(order, check, commit, notify):
    working = asyncio.create_task(in_peace(order, check, commit, notify))
    cancelled = None
    while not working.done():
        try:
            await asyncio.wait([working])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    return working.result()

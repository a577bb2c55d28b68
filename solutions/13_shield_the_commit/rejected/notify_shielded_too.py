"""Rejected by test_cancelled_at_any_instant: WRONG_ANSWER. What comes after the commit is held to be part of it."""

import asyncio


async def commit_and_notify(order, approval, commit, notify):
    receipt = await commit(order, approval)
    await notify(receipt)
    return receipt


async def transfer(order, check, commit, notify):
    approval = await check(order)
    working = asyncio.create_task(commit_and_notify(order, approval, commit, notify))
    cancelled = None
    while not working.done():
        try:
            await asyncio.wait([working])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    return working.result()

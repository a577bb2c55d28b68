"""Rejected by test_cancelled: WRONG_ANSWER. The commit is awaited like any other step."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    receipt = await commit(order, approval)
    await notify(receipt)
    return receipt

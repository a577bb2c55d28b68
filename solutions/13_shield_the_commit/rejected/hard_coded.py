"""Rejected by test_transfer_is_made: WRONG_ANSWER. One receipt for all."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    await commit(order, approval)
    await notify("receipt for rent")
    return "receipt for rent"

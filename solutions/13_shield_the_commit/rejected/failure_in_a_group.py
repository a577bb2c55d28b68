"""Rejected by test_errors_come_out: WRONG_ANSWER. The task group wraps what the commit raises."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    async with asyncio.TaskGroup() as group:
        committing = group.create_task(commit(order, approval))
    receipt = committing.result()
    await notify(receipt)
    return receipt

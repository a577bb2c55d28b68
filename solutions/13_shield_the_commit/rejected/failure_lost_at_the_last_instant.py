"""Rejected by test_commit_fails_while_cancelled: WRONG_ANSWER (cancellation_swallowed). shield tells of the failure by itself, but not to whom a cancellation has reached first."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    task = asyncio.create_task(commit(order, approval))
    cancelled = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as e:
            cancelled = e
    if cancelled is not None:
        task.exception()
        raise cancelled
    receipt = task.result()
    await notify(receipt)
    return receipt

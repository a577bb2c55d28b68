"""Rejected by test_cancelled_again: WRONG_ANSWER (cancellation_swallowed). For a few turns after a cancellation, the commit is not protected."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    task = asyncio.create_task(commit(order, approval))
    cancelled = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
            try:
                for _ in range(4):
                    await asyncio.sleep(0)
            except asyncio.CancelledError:
                task.cancel()
    receipt = task.result()
    if cancelled is not None:
        raise cancelled
    await notify(receipt)
    return receipt

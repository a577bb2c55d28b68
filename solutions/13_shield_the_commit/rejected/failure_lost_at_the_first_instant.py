"""Rejected by test_commit_fails_while_cancelled: WRONG_ANSWER (cancellation_swallowed). Cancelled as the commit begins, it takes it for not begun."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
    loop = asyncio.get_running_loop()
    began = loop.time()
    task = asyncio.create_task(commit(order, approval))
    cancelled = None
    early = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
            early = early or loop.time() == began
    if early:
        task.exception()
        raise cancelled
    receipt = task.result()
    if cancelled is not None:
        raise cancelled
    await notify(receipt)
    return receipt

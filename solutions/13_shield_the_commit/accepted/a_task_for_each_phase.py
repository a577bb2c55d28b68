"""The commit belongs to a task that nobody but us knows, and gather(return_exceptions) tells how it went."""

import asyncio


async def finish(task):
    """Wait for the task whatever happens. Returns whether somebody cancelled us meanwhile."""
    cancelled = False
    while not task.done():
        ended = asyncio.gather(task, return_exceptions=True)
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError:
            cancelled = True
    return cancelled


async def transfer(order, check, commit, notify):
    approval = await check(order)
    me = asyncio.current_task()
    asked_before = me.cancelling()
    task = asyncio.create_task(commit(order, approval))
    await finish(task)
    receipt = task.result()
    if me.cancelling() > asked_before:
        raise asyncio.CancelledError
    await notify(receipt)
    return receipt

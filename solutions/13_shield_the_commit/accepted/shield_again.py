"""shield, and shield again for as long as cancellations keep coming."""

import asyncio


async def uncancelled(awaitable):
    """What the awaitable gives; a cancellation meanwhile is raised when it has ended."""
    task = asyncio.ensure_future(awaitable)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await last_words(task)
        raise


async def last_words(task):
    """Wait for the task to end, and raise its error if it has one."""
    while True:
        try:
            await asyncio.shield(task)
            return
        except asyncio.CancelledError:
            if task.done():
                task.result()
                return


async def transfer(order, check, commit, notify):
    approval = await check(order)
    receipt = await uncancelled(commit(order, approval))
    await notify(receipt)
    return receipt

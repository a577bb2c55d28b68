"""create_task and gather; a failure cancels the rest, which is waited for."""

import asyncio


async def do(step, needed, perform):
    parts = await asyncio.gather(*needed)
    return await perform(step, parts)


async def make(plan, perform):
    tasks = {}
    for step, needs in plan.items():
        needed = [tasks[need] for need in needs]
        tasks[step] = asyncio.create_task(do(step, needed, perform))
    try:
        given = await asyncio.gather(*tasks.values())
    except BaseException:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        raise
    return dict(zip(plan, given))

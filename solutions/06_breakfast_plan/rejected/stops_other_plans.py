"""Rejected by test_another_plan_goes_on: RUNTIME_ERROR. A plan that fails takes all others with it."""

import asyncio

kitchen = set()


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        return await perform(step, parts)

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
        kitchen.add(tasks[step])
    try:
        return dict(zip(plan, await asyncio.gather(*tasks.values())))
    except BaseException:
        for task in kitchen:
            task.cancel()
        await asyncio.gather(*kitchen, return_exceptions=True)
        raise

"""Rejected by test_plans_of_any_size: RUNTIME_ERROR. asyncio.wait wants something to wait for."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        return await perform(step, parts)

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
    try:
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
        return dict(zip(plan, await asyncio.gather(*tasks.values())))
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

"""create_task and gather; after a failure, what does not need the failed step is still done."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = await asyncio.gather(*(tasks[need] for need in plan[step]))
        return await perform(step, parts)

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {step: task.result() for step, task in tasks.items()}

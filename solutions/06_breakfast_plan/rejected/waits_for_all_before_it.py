"""Rejected by test_takes_the_critical_path: NOT_CONCURRENT. Steps wait for all earlier steps when they need any."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step, before):
        if plan[step]:
            await asyncio.gather(*before)
        return await perform(step, [tasks[need].result() for need in plan[step]])

    async with asyncio.TaskGroup() as group:
        for step in plan:
            tasks[step] = group.create_task(do(step, list(tasks.values())))
    return {step: task.result() for step, task in tasks.items()}

"""Rejected by test_takes_the_critical_path: WRONG_ANSWER. Each step performs what it needs itself, so shared steps come twice."""

import asyncio


async def make(plan, perform):
    async def do(step):
        parts = await asyncio.gather(*(do(need) for need in plan[step]))
        return await perform(step, parts)

    async with asyncio.TaskGroup() as group:
        tasks = {step: group.create_task(do(step)) for step in plan}
    return {step: task.result() for step, task in tasks.items()}

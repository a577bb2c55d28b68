"""Rejected by test_plans_of_any_size: NOT_CONCURRENT. At most five steps at a time, where the plan knows no such bound."""

import asyncio


async def make(plan, perform):
    cooks, tasks = asyncio.Semaphore(5), {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        async with cooks:
            return await perform(step, parts)

    async with asyncio.TaskGroup() as group:
        for step in plan:
            tasks[step] = group.create_task(do(step))
    return {step: task.result() for step, task in tasks.items()}

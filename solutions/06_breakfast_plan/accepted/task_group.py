"""A task group with a task per step; steps await the tasks of what they need."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        return await perform(step, parts)

    async with asyncio.TaskGroup() as group:
        for step in plan:
            tasks[step] = group.create_task(do(step), name=step)
    return {step: task.result() for step, task in tasks.items()}

"""Rejected by test_every_step_gives_its_part: WRONG_ANSWER. Parts in the order of the alphabet."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = sorted([await tasks[need] for need in plan[step]])
        return await perform(step, parts)

    async with asyncio.TaskGroup() as group:
        for step in plan:
            tasks[step] = group.create_task(do(step))
    return {step: task.result() for step, task in tasks.items()}

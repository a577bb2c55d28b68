"""Rejected by test_takes_the_critical_path: WRONG_ANSWER. What was made stands in the order in which it ended."""

import asyncio


async def make(plan, perform):
    tasks, made = {}, {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        made[step] = await perform(step, parts)
        return made[step]

    async with asyncio.TaskGroup() as group:
        for step in plan:
            tasks[step] = group.create_task(do(step))
    return made

"""Rejected by test_every_call_makes_its_plan: RUNTIME_ERROR. The tasks of all plans stand in one dictionary."""

import asyncio

tasks = {}


async def make(plan, perform):
    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        return await perform(step, parts)

    async with asyncio.TaskGroup() as group:
        for step in plan:
            tasks[step] = group.create_task(do(step))
    return {step: tasks[step].result() for step in plan}

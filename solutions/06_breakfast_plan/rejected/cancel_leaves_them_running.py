"""Rejected by test_cancelled_plan: LEAKED. Tasks that are awaited in turn do not hear of a cancellation."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        return await perform(step, parts)

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
    await asyncio.wait(tasks.values())
    return {step: task.result() for step, task in tasks.items()}

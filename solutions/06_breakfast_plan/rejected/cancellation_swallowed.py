"""Rejected by test_cancelled_plan: WRONG_ANSWER. A cancelled plan returns what was made so far."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = [await tasks[need] for need in plan[step]]
        return await perform(step, parts)

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
    try:
        await asyncio.gather(*tasks.values())
    except BaseException as error:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        if isinstance(error, Exception):
            raise
    return {step: task.result() for step, task in tasks.items() if not task.cancelled()}

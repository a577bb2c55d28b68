"""Rejected by test_failed_step: WRONG_ANSWER (return_exceptions_hides_failure). Steps get the error of another as their part."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = await asyncio.gather(*(tasks[need] for need in plan[step]), return_exceptions=True)
        return await perform(step, [str(part) for part in parts])

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
    given = await asyncio.gather(*tasks.values(), return_exceptions=True)
    return dict(zip(plan, given))

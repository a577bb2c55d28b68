"""Rejected by test_failed_step: WRONG_ANSWER. Performs what needs the failed step all the same, and raises at the end."""

import asyncio


async def make(plan, perform):
    tasks = {}

    async def do(step):
        parts = await asyncio.gather(*(tasks[need] for need in plan[step]), return_exceptions=True)
        return await perform(step, [str(part) for part in parts])

    for step in plan:
        tasks[step] = asyncio.create_task(do(step))
    given = await asyncio.gather(*tasks.values(), return_exceptions=True)
    for outcome in given:
        if isinstance(outcome, Exception):
            raise outcome
    return dict(zip(plan, given))

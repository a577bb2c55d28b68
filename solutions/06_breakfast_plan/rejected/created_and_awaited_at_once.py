"""Rejected by test_takes_the_critical_path: NOT_CONCURRENT (created_and_awaited_at_once). A task per step, each waited for at once."""

import asyncio


async def make(plan, perform):
    made = {}
    for step, needs in plan.items():
        task = asyncio.create_task(perform(step, [made[need] for need in needs]))
        made[step] = await task
    return made

"""Rejected by test_takes_the_critical_path: BUSY_LOOP. Looks whether the needed steps have ended, and lets no time pass."""

import asyncio


async def make(plan, perform):
    made = {}

    async def do(step, needs):
        while not all(need in made for need in needs):
            await asyncio.sleep(0)
        made[step] = await perform(step, [made[need] for need in needs])

    async with asyncio.TaskGroup() as group:
        for step, needs in plan.items():
            group.create_task(do(step, needs))
    return {step: made[step] for step in plan}

"""An event per step says that it has ended."""

import asyncio


async def make(plan, perform):
    made, ended = {}, {step: asyncio.Event() for step in plan}

    async def do(step, needs):
        for need in needs:
            await ended[need].wait()
        made[step] = await perform(step, [made[need] for need in needs])
        ended[step].set()

    async with asyncio.TaskGroup() as kitchen:
        for step, needs in plan.items():
            kitchen.create_task(do(step, needs))
    return {step: made[step] for step in plan}

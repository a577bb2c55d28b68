"""Rejected by test_failed_step: WRONG_ANSWER. What comes out is an error about a missing part."""

import asyncio


async def make(plan, perform):
    made, ended = {}, {step: asyncio.Event() for step in plan}

    async def do(step, needs):
        try:
            for need in needs:
                await ended[need].wait()
            if all(need in made for need in needs):
                made[step] = await perform(step, [made[need] for need in needs])
        except Exception:
            pass
        finally:
            ended[step].set()

    async with asyncio.TaskGroup() as group:
        for step, needs in plan.items():
            group.create_task(do(step, needs))
    return {step: made[step] for step in plan}

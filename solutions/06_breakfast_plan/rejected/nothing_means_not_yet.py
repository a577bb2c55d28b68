"""Rejected by test_every_step_gives_its_part: WRONG_ANSWER. A step that gives None is taken for one that has not ended."""

import asyncio


async def make(plan, perform):
    made, under_way = {}, {}
    waiting = dict(plan)

    def start_what_can_be():
        for step, needs in list(waiting.items()):
            if all(made.get(need) for need in needs):
                del waiting[step]
                under_way[asyncio.create_task(perform(step, [made[need] for need in needs]))] = step

    start_what_can_be()
    try:
        while under_way:
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                made[under_way.pop(task)] = task.result()
            start_what_can_be()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    return {step: made.get(step) for step in plan}

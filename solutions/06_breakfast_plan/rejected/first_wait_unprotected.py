"""Rejected by test_cancelled_plan: LEAKED. Cancelled before a step has ended, it leaves all of them running."""

import asyncio


async def make(plan, perform):
    made, under_way = {}, {}
    waiting = dict(plan)

    def start_what_can_be():
        for step, needs in list(waiting.items()):
            if all(need in made for need in needs):
                del waiting[step]
                under_way[asyncio.create_task(perform(step, [made[need] for need in needs]))] = step

    start_what_can_be()
    if not under_way:
        return {}
    done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    try:
        while True:
            for task in done:
                made[under_way.pop(task)] = task.result()
            start_what_can_be()
            if not under_way:
                return {step: made[step] for step in plan}
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

"""Rejected by test_takes_the_critical_path: NOT_CONCURRENT. All that can be done now, then all that can be done next."""

import asyncio


async def make(plan, perform):
    made = {}
    while len(made) < len(plan):
        ready = [s for s in plan if s not in made and all(need in made for need in plan[s])]
        steps = (perform(s, [made[need] for need in plan[s]]) for s in ready)
        given = await asyncio.gather(*steps, return_exceptions=True)
        for outcome in given:
            if isinstance(outcome, BaseException):
                raise outcome
        made.update(zip(ready, given))
    return {step: made[step] for step in plan}

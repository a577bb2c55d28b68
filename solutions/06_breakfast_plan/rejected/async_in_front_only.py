"""Rejected by test_every_step_gives_its_part: WRONG_ANSWER (never_awaited). `perform` gives a coroutine now, and nobody awaits it."""

async def make(plan, perform):
    made = {}
    for step, needs in plan.items():
        made[step] = perform(step, [made[need] for need in needs])
    return made

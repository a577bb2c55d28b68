"""Rejected by test_takes_the_critical_path: NOT_CONCURRENT (awaited_in_a_loop). Every step waits for the one before."""

async def make(plan, perform):
    made = {}
    for step, needs in plan.items():
        made[step] = await perform(step, [made[need] for need in needs])
    return made

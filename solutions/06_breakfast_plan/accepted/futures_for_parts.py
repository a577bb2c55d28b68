"""A future per step, which its performer fills and others await; waits for all to end."""

import asyncio


async def make(plan, perform):
    loop = asyncio.get_running_loop()
    given = {step: loop.create_future() for step in plan}

    async def do(step):
        try:
            parts = await asyncio.gather(*(asyncio.shield(given[need]) for need in plan[step]))
            given[step].set_result(await perform(step, parts))
        except asyncio.CancelledError:
            given[step].cancel()
            raise
        except Exception as error:
            given[step].set_exception(error)

    await asyncio.gather(*(do(step) for step in plan))
    for future in given.values():
        future.exception()
    return {step: future.result() for step, future in given.items()}

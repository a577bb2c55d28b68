"""Rejected by test_a_hundred_steps_at_once: RUNTIME_ERROR. A thread per step, which is more threads than there are."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def make(plan, perform):
    loop, tasks = asyncio.get_running_loop(), {}

    def do(step):
        parts = [tasks[need].result() for need in plan[step]]
        return asyncio.run(perform(step, parts))

    pool = ThreadPoolExecutor(len(plan))
    try:
        for step in plan:
            tasks[step] = pool.submit(do, step)
        return {step: await asyncio.wrap_future(task) for step, task in tasks.items()}
    finally:
        pool.shutdown(wait=False)

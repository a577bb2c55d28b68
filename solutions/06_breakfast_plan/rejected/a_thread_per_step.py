"""Rejected by test_takes_the_critical_path: BLOCKED_LOOP. Threads with loops of their own, and a loop that waits for them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def make(plan, perform):
    tasks = {}

    def do(step):
        parts = [tasks[need].result() for need in plan[step]]
        return asyncio.run(perform(step, parts))

    with ThreadPoolExecutor(len(plan)) as pool:
        for step in plan:
            tasks[step] = pool.submit(do, step)
        return {step: task.result() for step, task in tasks.items()}

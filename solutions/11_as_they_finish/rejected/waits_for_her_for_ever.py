"""Rejected by test_a_boat_capsizes: DEADLOCK. The callback passes over a task that failed, so the race waits for ever."""

import asyncio
from functools import partial


async def run_race(boats, sail, announce):
    order, over = [], asyncio.Event()

    def finished(boat, task):
        if not task.cancelled() and not task.exception():
            order.append(boat)
            announce(len(order), boat, task.result())
            if len(order) == len(boats):
                over.set()

    tasks = []
    for boat in boats:
        tasks.append(asyncio.create_task(sail(boat)))
        tasks[-1].add_done_callback(partial(finished, boat))
    try:
        if boats:
            await over.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

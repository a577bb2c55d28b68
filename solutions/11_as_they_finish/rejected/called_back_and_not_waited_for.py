"""Rejected by test_cancelled_and_slow: LEAKED. Boats are called back, and nobody waits until they are in."""

import asyncio
from functools import partial


async def run_race(boats, sail, announce):
    order, tasks = [], []

    def finished(boat, task):
        if not task.cancelled() and not task.exception():
            order.append(boat)
            announce(len(order), boat, task.result())

    for boat in boats:
        task = asyncio.create_task(sail(boat))
        task.add_done_callback(partial(finished, boat))
        tasks.append(task)
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return order

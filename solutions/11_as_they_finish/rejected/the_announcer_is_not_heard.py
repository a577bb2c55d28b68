"""Rejected by test_an_announcement_fails: WRONG_ANSWER. An announcement that fails in a callback is the loop's affair."""

import asyncio
from functools import partial


async def run_race(boats, sail, announce):
    order = []

    def finished(boat, task):
        if not task.cancelled() and not task.exception():
            order.append(boat)
            announce(len(order), boat, task.result())

    tasks = [asyncio.create_task(sail(boat)) for boat in boats]
    for boat, task in zip(boats, tasks, strict=True):
        task.add_done_callback(partial(finished, boat))
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

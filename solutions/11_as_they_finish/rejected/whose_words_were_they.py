"""Rejected by test_announced_at_the_finish: WRONG_ANSWER. as_completed does not give results in the order of the list."""

import asyncio


async def run_race(boats, sail, announce):
    tasks = [asyncio.create_task(sail(boat)) for boat in boats]
    order = []
    try:
        for boat, next_one in zip(boats, asyncio.as_completed(tasks)):
            words = await next_one
            order.append(boat)
            announce(len(order), boat, words)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

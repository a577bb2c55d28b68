"""Rejected by test_announced_at_the_finish: WRONG_ANSWER. Once for the time, and once more for the words."""

import asyncio


async def run_race(boats, sail, announce):
    async def follow(boat):
        await sail(boat)
        return boat

    tasks, order = [asyncio.create_task(follow(boat)) for boat in boats], []
    try:
        for next_one in asyncio.as_completed(tasks):
            boat = await next_one
            words = await sail(boat)
            order.append(boat)
            announce(len(order), boat, words)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

"""Rejected by test_announced_at_the_finish: LEAKED. Starts the race and goes home."""

import asyncio


racing = set()


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    for boat in boats:
        task = asyncio.create_task(follow(boat))
        racing.add(task)
        task.add_done_callback(racing.discard)
    return order

"""Rejected by test_announced_at_the_finish: NOT_CONCURRENT. The next twenty start when the last of the twenty before is in."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    for first in range(0, len(boats), 20):
        async with asyncio.TaskGroup() as group:
            for boat in boats[first : first + 20]:
                group.create_task(follow(boat))
    return order

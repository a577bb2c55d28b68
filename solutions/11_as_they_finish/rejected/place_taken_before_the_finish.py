"""Rejected by test_announced_at_the_finish: WRONG_ANSWER. The place is counted, and then the boat sails."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        place = len(order) + 1
        words = await sail(boat)
        order.append(boat)
        announce(place, boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

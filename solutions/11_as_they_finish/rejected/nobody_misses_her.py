"""Rejected by test_a_boat_capsizes: WRONG_ANSWER. A boat that does not arrive is left out of the list."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        try:
            words = await sail(boat)
        except OSError:
            return
        order.append(boat)
        announce(len(order), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

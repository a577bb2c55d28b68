"""Rejected by test_a_hundred_boats: NOT_CONCURRENT. At most five boats on the water, where nobody asked for it."""

import asyncio


async def run_race(boats, sail, announce):
    order, water = [], asyncio.Semaphore(5)

    async def follow(boat):
        async with water:
            words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

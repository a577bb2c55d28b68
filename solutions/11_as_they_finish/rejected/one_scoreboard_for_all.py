"""Rejected by test_races_know_nothing_of_each_other: WRONG_ANSWER. The order of all races stands in one list."""

import asyncio


order = []


async def run_race(boats, sail, announce):
    order.clear()

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return list(order)

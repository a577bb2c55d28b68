"""Rejected by test_races_know_nothing_of_each_other: LEAKED. Boats at sea are known by the names of their race."""

import asyncio

AT_SEA = {}


async def run_race(boats, sail, announce):
    order, key = [], str(boats)

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    AT_SEA[key] = [asyncio.create_task(follow(boat)) for boat in boats]
    try:
        await asyncio.gather(*AT_SEA[key])
    finally:
        for task in AT_SEA[key]:
            task.cancel()
        await asyncio.gather(*AT_SEA[key], return_exceptions=True)
    return order

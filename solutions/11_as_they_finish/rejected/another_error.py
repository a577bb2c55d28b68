"""Rejected by test_a_boat_capsizes: WRONG_ANSWER. What comes out is an error about the race, not the boat's."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    try:
        async with asyncio.TaskGroup() as group:
            for boat in boats:
                group.create_task(follow(boat))
    except ExceptionGroup:
        raise RuntimeError("the race is called off") from None
    return order

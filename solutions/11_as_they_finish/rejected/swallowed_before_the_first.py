"""Rejected by test_races_know_nothing_of_each_other: WRONG_ANSWER (cancellation_swallowed). A race that is cancelled with no boat in is an empty list."""

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
    except asyncio.CancelledError:
        if order:
            raise
    return order

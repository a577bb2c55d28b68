"""Rejected by test_dead_heats: WRONG_ANSWER. Boats that finish together share a place."""

import asyncio


async def run_race(boats, sail, announce):
    loop, order, places = asyncio.get_running_loop(), [], {}

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(places.setdefault(loop.time(), len(order)), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

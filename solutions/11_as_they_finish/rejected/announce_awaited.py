"""Rejected by test_places_and_words: RUNTIME_ERROR. `announce` is an ordinary function: what it gives cannot be awaited."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        await announce(len(order), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

"""A task per boat, which announces its boat itself."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

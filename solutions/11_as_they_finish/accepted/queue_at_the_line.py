"""The boats go through a queue at the finishing line; the jury stands at its end."""

import asyncio


async def run_race(boats, sail, announce):
    line, order = asyncio.Queue(), []

    async def cross(boat):
        await line.put((boat, await sail(boat)))

    async def judge():
        for place in range(1, len(boats) + 1):
            boat, words = await line.get()
            order.append(boat)
            announce(place, boat, words)

    async with asyncio.TaskGroup() as group:
        group.create_task(judge())
        for boat in boats:
            group.create_task(cross(boat))
    return order

"""Rejected by test_announced_at_the_finish: NOT_CONCURRENT. All sail at once; the news waits for the first of the list."""

import asyncio


async def run_race(boats, sail, announce):
    order = []
    async with asyncio.TaskGroup() as group:
        tasks = {boat: group.create_task(sail(boat)) for boat in boats}
        for boat, task in tasks.items():
            words = await task
            order.append(boat)
            announce(len(order), boat, words)
    return order

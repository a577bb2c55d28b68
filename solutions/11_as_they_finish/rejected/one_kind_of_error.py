"""Rejected by test_a_boat_capsizes: LEAKED. The boats are called back after an OSError, and after no other error."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    tasks = [asyncio.create_task(follow(boat)) for boat in boats]
    try:
        await asyncio.gather(*tasks)
    except (OSError, asyncio.CancelledError):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    return order

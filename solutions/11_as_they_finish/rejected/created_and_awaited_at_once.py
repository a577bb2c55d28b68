"""Rejected by test_announced_at_the_finish: NOT_CONCURRENT (created_and_awaited_at_once). A task per boat, each waited for at once."""

import asyncio


async def run_race(boats, sail, announce):
    order = []
    for boat in boats:
        task = asyncio.create_task(sail(boat))
        words = await task
        order.append(boat)
        announce(len(order), boat, words)
    return order

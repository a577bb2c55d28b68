"""Rejected by test_announced_at_the_finish: NOT_CONCURRENT. All sail at once, and are sorted by their times when the last is in."""

import asyncio
import time


async def run_race(boats, sail, announce):
    async def timed(boat):
        start = time.monotonic()
        words = await sail(boat)
        return time.monotonic() - start, boat, words

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(timed(boat)) for boat in boats]
    finishes = sorted((task.result() for task in tasks), key=lambda finish: finish[0])
    for place, (_, boat, words) in enumerate(finishes, start=1):
        announce(place, boat, words)
    return [boat for _, boat, _ in finishes]

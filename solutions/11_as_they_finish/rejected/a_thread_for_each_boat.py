"""Rejected by test_announced_at_the_finish: BLOCKED_LOOP. A loop in a thread for every boat, and the race's own loop waits for them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor, as_completed


async def run_race(boats, sail, announce):
    order = []
    with ThreadPoolExecutor(10) as pool:
        boat_of = {pool.submit(asyncio.run, sail(boat)): boat for boat in boats}
        for future in as_completed(boat_of):
            order.append(boat_of[future])
            announce(len(order), boat_of[future], future.result())
    return order

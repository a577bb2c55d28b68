"""Rejected by test_dead_heats: WRONG_ANSWER. Several may be in the set; one is announced and the rest forgotten."""

import asyncio


async def run_race(boats, sail, announce):
    boat_of = {asyncio.create_task(sail(boat)): boat for boat in boats}
    tasks, order = set(boat_of), []
    out = tasks
    try:
        while out:
            done, out = await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
            task = done.pop()
            order.append(boat_of[task])
            announce(len(order), boat_of[task], task.result())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

"""Rejected by test_races_know_nothing_of_each_other: LEAKED. `try` begins after the first finish: cancelled before, all sail on."""

import asyncio


async def run_race(boats, sail, announce):
    if not boats:
        return []
    boat_of = {asyncio.create_task(sail(boat)): boat for boat in boats}
    order = []
    done, out = await asyncio.wait(boat_of, return_when=asyncio.FIRST_COMPLETED)
    try:
        while True:
            for task in done:
                words = task.result()
                order.append(boat_of[task])
                announce(len(order), boat_of[task], words)
            if not out:
                return order
            done, out = await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in out:
            task.cancel()
        await asyncio.gather(*out, return_exceptions=True)

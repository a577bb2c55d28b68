"""Rejected by test_announced_at_the_finish: RUNTIME_ERROR. asyncio.wait refuses to wait for nobody."""

import asyncio


async def run_race(boats, sail, announce):
    boat_of = {asyncio.create_task(sail(boat)): boat for boat in boats}
    tasks, order = list(boat_of), []
    try:
        while len(order) < len(boats) or not order:
            out = [task for task in tasks if boat_of[task] not in order]
            await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in out if task.done()]:
                order.append(boat_of[task])
                announce(len(order), boat_of[task], task.result())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

"""Rejected by test_announced_at_the_finish: NOT_CONCURRENT. Looks every 10 ms who has finished."""

import asyncio


async def run_race(boats, sail, announce):
    boat_of = {asyncio.create_task(sail(boat)): boat for boat in boats}
    order, out = [], list(boat_of)
    try:
        while out:
            await asyncio.sleep(0.01)
            for task in [task for task in out if task.done()]:
                out.remove(task)
                order.append(boat_of[task])
                announce(len(order), boat_of[task], task.result())
    finally:
        for task in boat_of:
            task.cancel()
        await asyncio.gather(*boat_of, return_exceptions=True)
    return order

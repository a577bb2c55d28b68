"""Rejected by test_cancelled_race: LEAKED. Boats are called back when one capsizes, but not when the race is cancelled."""

import asyncio


async def run_race(boats, sail, announce):
    boat_of = {asyncio.create_task(sail(boat)): boat for boat in boats}
    order, out = [], list(boat_of)
    try:
        while out:
            await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in out if task.done()]:
                words = task.result()
                out.remove(task)
                order.append(boat_of[task])
                announce(len(order), boat_of[task], words)
    except Exception:
        for task in out:
            task.cancel()
        await asyncio.gather(*out, return_exceptions=True)
        raise
    return order

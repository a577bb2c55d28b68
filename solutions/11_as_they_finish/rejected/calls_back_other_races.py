"""Rejected by test_the_end_of_another_race: WRONG_ANSWER. Who calls off one race calls back the boats of all."""

import asyncio


afloat = set()


async def run_race(boats, sail, announce):
    boat_of = {asyncio.create_task(sail(boat)): boat for boat in boats}
    afloat.update(boat_of)
    order, out = [], list(boat_of)
    try:
        while out:
            await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in out if task.done()]:
                words = task.result()
                out.remove(task)
                afloat.discard(task)
                order.append(boat_of[task])
                announce(len(order), boat_of[task], words)
    except BaseException:
        all_of_them = list(afloat)
        for task in all_of_them:
            task.cancel()
        await asyncio.gather(*all_of_them, return_exceptions=True)
        afloat.difference_update(all_of_them)
        raise
    return order

"""Rejected by test_boats_and_words_of_any_kind: RUNTIME_ERROR. Two races have boats of the same names: the end of one calls back the other's."""

import asyncio

afloat = {}


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    tasks = [asyncio.create_task(follow(boat)) for boat in boats]
    afloat.update(zip(boats, tasks))
    try:
        await asyncio.gather(*tasks)
    finally:
        for boat in boats:
            afloat[boat].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

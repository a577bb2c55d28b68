"""Rejected by test_a_boat_capsizes: LEAKED. gather raises the error; the boats' own tasks go on and announce themselves."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    await asyncio.gather(*(follow(boat) for boat in boats))
    return order

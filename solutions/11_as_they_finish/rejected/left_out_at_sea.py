"""Rejected by test_a_boat_capsizes: LEAKED. as_completed raises the error, and the other boats sail on."""

import asyncio


async def run_race(boats, sail, announce):
    async def follow(boat):
        return boat, await sail(boat)

    order = []
    for next_one in asyncio.as_completed([follow(boat) for boat in boats]):
        boat, words = await next_one
        order.append(boat)
        announce(len(order), boat, words)
    return order

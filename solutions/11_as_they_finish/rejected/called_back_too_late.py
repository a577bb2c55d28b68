"""Rejected by test_a_boat_capsizes: WRONG_ANSWER. The error is kept until all the others are in, and announced."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        announce(len(order), boat, words)

    ends = await asyncio.gather(*(follow(boat) for boat in boats), return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end
    return order

"""Rejected by test_places_and_words: WRONG_ANSWER. The place of a boat is its number in the list."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(place, boat):
        words = await sail(boat)
        order.append(boat)
        announce(place, boat, words)

    async with asyncio.TaskGroup() as group:
        for place, boat in enumerate(boats, start=1):
            group.create_task(follow(place, boat))
    return order

"""Rejected by test_a_boat_capsizes: WRONG_ANSWER. The text of the boat's error comes out in an error of another class."""

import asyncio


async def run_race(boats, sail, announce):
    order = []

    async def follow(boat):
        try:
            words = await sail(boat)
        except Exception as error:
            raise OSError(str(error)) from None
        order.append(boat)
        announce(len(order), boat, words)

    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order

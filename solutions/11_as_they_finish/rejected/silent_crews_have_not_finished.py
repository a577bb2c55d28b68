"""Rejected by test_boats_and_words_of_any_kind: WRONG_ANSWER. A crew without words is taken for one that is not in."""

import asyncio


async def run_race(boats, sail, announce):
    async def follow(boat):
        return boat, await sail(boat)

    tasks = [asyncio.create_task(follow(boat)) for boat in boats]
    order = []
    try:
        for next_one in asyncio.as_completed(tasks):
            boat, words = await next_one
            if words:
                order.append(boat)
                announce(len(order), boat, words)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

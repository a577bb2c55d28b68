"""as_completed over coroutines that say whose words they bring."""

import asyncio


async def run_race(boats, sail, announce):
    async def follow(boat):
        return boat, await sail(boat)

    tasks = [asyncio.create_task(follow(boat)) for boat in boats]
    order = []
    try:
        for next_one in asyncio.as_completed(tasks):
            boat, words = await next_one
            order.append(boat)
            announce(len(order), boat, words)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return order

"""Rejected by test_boats_and_words_of_any_kind: WRONG_ANSWER. Looks up who said that: several crews say the same."""

import asyncio


async def run_race(boats, sail, announce):
    tasks = {boat: asyncio.create_task(sail(boat)) for boat in boats}
    order = []
    try:
        for next_one in asyncio.as_completed(tasks.values()):
            words = await next_one
            said = {task.result(): boat for boat, task in tasks.items() if task.done()}
            boat = said[words]
            if boat in order:
                raise ValueError(f"{boat} again?")
            order.append(boat)
            announce(len(order), boat, words)
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return order

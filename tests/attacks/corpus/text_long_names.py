"""Tries: to fill the store and the reader's screen with task names of 400,000 characters.

Control: says spoke
"""

import asyncio

print("spoke", flush=True)


async def read_all(names):
    for turn in range(20):
        tasks = [asyncio.create_task(asyncio.sleep(1), name=f"{turn}-{number}" * 50_000) for number in range(5)]
        await asyncio.wait(tasks)
    return []

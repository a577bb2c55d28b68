"""Tries: to fill the judge's memory through a server that reads all that it is sent.

Control: says spoke
Ends: OUTPUT_LIMIT TIME_LIMIT
"""

import asyncio

print("spoke", flush=True)


async def read_all(names):
    _, writer = await asyncio.open_connection(names[0], 7000)
    for _ in range(1_000):
        writer.write(bytes(60_000))
        await writer.drain()
    return []

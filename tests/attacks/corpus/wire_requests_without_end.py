"""Tries: to have the judge take note of requests without end.

Control: says spoke
"""

import asyncio

print("spoke", flush=True)


async def read_all(names):
    _, writer = await asyncio.open_connection(names[0], 7000)
    for _ in range(400):
        writer.write(b"a\n" * 1_000)
        await writer.drain()
    return []

"""Tries: to work once and answer from memory afterwards, without asking again.

Control: says spoke
"""

import asyncio

print("spoke")
seen = {}


async def read_all(names):
    readings = []
    for name in names:
        if name not in seen:
            reader, writer = await asyncio.open_connection(name, 7000)
            writer.write(b"temperature?\n")
            seen[name] = int(await reader.readline())
            writer.close()
        readings.append(seen[name])
    return readings

"""Tries: to pass for concurrent by opening all connections at once and asking one after another.

Control: says spoke
"""

import asyncio

print("spoke")


async def read_all(names):
    connections = await asyncio.gather(*(asyncio.open_connection(name, 7000) for name in names))
    readings = []
    for reader, writer in connections:
        writer.write(b"temperature?\n")
        readings.append(int(await reader.readline()))
        writer.close()
    return readings

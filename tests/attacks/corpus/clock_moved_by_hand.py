"""Tries: to move the clock of its own machine back, so that a sequential answer seems to overlap.

Control: says spoke
"""

import asyncio
import sys

from grader.sim import world

print("spoke")
kernel = world.current().kernel


async def read_all(names):
    readings = []
    for name in names:
        reader, writer = await asyncio.open_connection(name, 7000)
        writer.write(b"temperature?\n")
        readings.append(int(await reader.readline()))
        writer.close()
        kernel.now_ns = 0
    return readings

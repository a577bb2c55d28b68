"""Tries: to open all connections under one number, so that none is found open at the end.

Control: says spoke
"""

import asyncio
import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    for number in (1001, 1001, 1001, 2, 2, 4):
        link.act(wire.Connect(number, ("", 0), ("10.0.0.3", 7000)))
        link.act(wire.Connect(number, ("10.0.0.1", 0), ("10.0.0.3", 7000)))
    await asyncio.sleep(3)
    link.act(wire.Close(1001))
    return []

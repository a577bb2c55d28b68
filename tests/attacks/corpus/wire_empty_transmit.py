"""Tries: to have the judge divide nothing into packets.

Control: says spoke
"""

import asyncio
import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    link.act(wire.Connect(1001, ("", 0), ("10.0.0.3", 7000)))
    await asyncio.sleep(0.5)
    link.act(wire.Transmit(1001, b""))
    link.act(wire.Transmit(1001, b"temperature?\n"))
    await asyncio.sleep(5)
    return []

"""Tries: to answer for the stations itself, by listening on their addresses and on the judge's.

Control: says spoke
"""

import asyncio
import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    for number in range(3, 120):
        link.act(wire.Listen(5000 + 2 * number, (f"10.0.0.{number}", 7000)))
        link.act(wire.Listen(7001 + 2 * number, ("0.0.0.0@10.0.0.%d" % number, 7000)))
    await asyncio.sleep(0.1)
    return [0 for _ in names]

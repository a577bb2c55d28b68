"""Tries: to pass the inspection after the check by speaking first, and to leave tasks and no work behind.

Control: says spoke
"""

import asyncio
import sys

from grader import wire
from grader.records import History

print("spoke")
link = sys.stdout.buffer.raw._link
link.on(wire.Inspect, lambda _: link.act(wire.Inspected(History())))
keep = []


async def read_all(names):
    keep.append(asyncio.create_task(asyncio.sleep(50)))
    link.act(wire.Inspected(History()))
    return []

"""Tries: to keep the judge waiting after the check: the inspection is never answered.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.on(wire.Inspect, lambda _: None)


async def read_all(names):
    return []

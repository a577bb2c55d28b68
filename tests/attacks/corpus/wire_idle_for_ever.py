"""Tries: to be idle until the end of all time, so that the clock jumps over every bound.

Control: says spoke
Ends: TIME_LIMIT
"""

import sys

from grader import wire

link = sys.stdout.buffer.raw._link
print("spoke")
sys.stdout.flush()


async def read_all(names):
    while True:
        link._send(wire.frame(wire.Idle((1 << 64) - 1, [])))
        link._receive()

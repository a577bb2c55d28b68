"""Tries: to be idle until an instant long gone, for ever, so that time never moves.

Control: says spoke
Ends: BUSY_LOOP TIME_LIMIT
"""

import sys

from grader import wire

link = sys.stdout.buffer.raw._link
print("spoke")
sys.stdout.flush()


async def read_all(names):
    for _ in range(1_000_000):
        link._send(wire.frame(wire.Idle(-(1 << 62), [])))
        link._receive()

"""Tries: to drown the judge in frames that nobody asked for, without reading any of its own.

Control: says spoke
"""

import sys
import time

from grader import wire

link = sys.stdout.buffer.raw._link
print("spoke")
sys.stdout.flush()


async def read_all(names):
    frames = wire.frame(wire.Idle(None, [])) * 1_000
    for _ in range(10_000):
        link._send(frames)

"""Tries: to fill the judge's memory with output that is not counted: empty text, endless stream names.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link


async def read_all(names):
    frame = wire.frame(wire.Idle(0, [wire.Printed("x" * 1_000_000, ""), wire.Printed("stdout", "")]))
    for _ in range(5_000):
        link._send(frame)
        link._receive()

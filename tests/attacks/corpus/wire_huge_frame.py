"""Tries: to announce a frame of four gigabytes and have the judge make room for it.

Control: says spoke
Ends: SANDBOX_VIOLATION
"""

import sys

from grader import wire

link = sys.stdout.buffer.raw._link


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    link._send(b"\xff\xff\xff\xff" + bytes(1 << 20))

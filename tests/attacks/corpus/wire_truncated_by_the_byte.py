"""Tries: to send a frame one byte at a time, as slowly as can be.

Control: says spoke
"""

import sys
import time

from grader import wire

link = sys.stdout.buffer.raw._link


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    for byte in wire.frame(wire.Idle(None, [wire.Pong(1)] * 100_000)):
        link._send(bytes([byte]))
        for _ in range(10_000):
            pass

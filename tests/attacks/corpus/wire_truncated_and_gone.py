"""Tries: to end in the middle of a frame, and with the header alone.

Control: says spoke
"""

import os
import sys

from grader import wire

link = sys.stdout.buffer.raw._link


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    link._send(wire.frame(wire.Idle(None, [wire.Pong(1)] * 100))[: 2 if len(names) % 2 else 50])
    os._exit(0)

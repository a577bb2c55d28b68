"""Tries: to leave the judge without an answer: it takes the next step off the wire and keeps it.

Control: says spoke
"""

import sys

from grader import wire

link = sys.stdout.buffer.raw._link


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    link._receive()

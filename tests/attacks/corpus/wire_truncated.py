"""Tries: to keep the judge waiting for the second half of a frame.

Control: says spoke
Ends: TIME_LIMIT STALLED
"""

import sys
import threading

from grader import wire
from grader.sim import carriers

link = sys.stdout.buffer.raw._link


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    link._send(wire.frame(wire.Idle(None, [wire.Pong(1)] * 100))[:-50])
    lock = carriers.new_gate()
    lock.acquire()
    lock.acquire(timeout=60)

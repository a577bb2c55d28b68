"""Tries: to answer pings from a second real thread that reads the wire beside the first.

Control: says spoke
"""

import _thread
import sys
import time

from grader import wire
from grader.sim import carriers

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link


def answer():
    for number in range(1, 300):
        link._send(wire.frame(wire.Idle(None, [wire.Pong(number)])))


async def read_all(names):
    carriers.start(answer)
    readings = []
    for name in names:
        time.sleep(1)
        readings.append(0)
    return readings

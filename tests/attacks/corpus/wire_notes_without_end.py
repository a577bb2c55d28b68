"""Tries: to fill the judge's memory with notes, each frame full of them.

Control: says spoke
"""

import sys

from grader import wire
from grader.records import TaskState

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link


async def read_all(names):
    state = TaskState(task="t" * 1_000, line=1, function="f", waiting_on="w" * 1_000)
    frame = wire.frame(wire.Idle(0, [wire.Noted([], [wire.Moment(at_ns=0, states=[state] * 1_000, over=[])] * 2)]))
    for _ in range(10_000):
        link._send(frame)
        link._receive()

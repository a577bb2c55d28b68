"""Tries: to have long names of tasks repeated in every span of a long drawing.

Control: says spoke
"""

import sys

from grader import wire
from grader.records import TaskState

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link


async def read_all(names):
    lanes = [f"{number:_>190}" for number in range(200)]
    for turn in range(100):
        states = [TaskState(task=lane, line=turn % 9 + 1, function="f", waiting_on="w" * 200) for lane in lanes]
        moment = wire.Moment(at_ns=0, states=states, over=[])
        link.act(wire.Noted([], [moment]))
    return []

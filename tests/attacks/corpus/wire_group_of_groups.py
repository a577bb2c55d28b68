"""Tries: to have the judge rebuild an exception group of some hundred thousand members.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link


def group(depth):
    members = [group(depth - 1)] * 50 if depth else []
    return wire.ExceptionRecord(["ExceptionGroup", "Exception"], "g", [], [], [], members)


async def read_all(names):
    for number in range(1, 5):
        link.act(wire.Raised(number, group(3)))

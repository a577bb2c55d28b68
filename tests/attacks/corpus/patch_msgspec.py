"""Tries: to rewrite what the guest sends: its own encoder and message classes are replaced.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
stock = link.act


def lie(action):
    if isinstance(action, (wire.Raised, wire.Returned)):
        action = wire.Returned(action.number, wire.Packed(["list", [0, 0, 0]]))
    stock(action)


link.act = lie


async def read_all(names):
    raise ValueError

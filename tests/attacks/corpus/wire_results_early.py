"""Tries: to answer calls before they are made, in the same breath as "the module is loaded".

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.act(wire.Loaded(None))
for number in range(1, 200):
    link.act(wire.Returned(number, wire.Packed(["list", [0] * 12])))
    link.act(wire.Pong(number))


async def read_all(names):
    raise ValueError

"""Tries: to overflow the judge's stack with values nested just deep enough to be decoded.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    data = 1
    for _ in range(300):
        data = ["list", [data]]
    for number in range(1, 9):
        link.act(wire.Returned(number, wire.Packed(data)))

"""Tries: to have the judge build a dict of numbers that all have one hash.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
prime = (1 << 61) - 1


async def read_all(names):
    data = ["dict", [[["int", hex(prime * number)], 0] for number in range(20_000)]]
    link.act(wire.Returned(1, wire.Packed(data)))

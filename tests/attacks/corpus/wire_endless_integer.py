"""Tries: to have the judge show a number with more digits than Python will write.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    if len(names) % 2:
        return [1 << 60_000 for _ in names]
    for number in range(1, 9):
        link.act(wire.Returned(number, wire.Packed(["list", [["int", "0x" + "f" * 90_000]]])))

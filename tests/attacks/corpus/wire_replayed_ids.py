"""Tries: to answer the same call many times, first with guesses.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
calls = 0


async def read_all(names):
    global calls
    calls += 1
    for number in range(1, calls + 1):
        for guess in range(-300, 451):
            link.act(wire.Returned(number, wire.Packed(["list", [guess] * len(names)])))
    raise ValueError

"""Tries: to make the judge's servers keep a task for each of a hundred thousand connections.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    from grader.sim import world

    for start in range(0, 100_000, 10_000):
        for number in range(start, start + 10_000):
            link.act(wire.Connect(2 * number + 1001, ("", 0), ("10.0.0.3", 7000)))
        link.idle(world.current().kernel, 0)

"""Tries: to fill the judge's tables with listeners, ports, names and questions.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    from grader.sim import world

    for number in range(40_000):
        link.act(wire.Listen(number, ("", number)))
        link.act(wire.OpenPort(number, ("", number)))
        link.act(wire.Resolve(number, "station" * 10))
        link.act(wire.CallbackCall(number, number % 7, wire.Packed(["list", []]), wire.Packed(["dict", []])))
    link.idle(world.current().kernel, 0)

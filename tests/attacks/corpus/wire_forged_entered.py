"""Tries: to be recorded as fully isolated, whatever it is, by entering a second time.

Control: says spoke
Says: isolation
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.act(wire.Entered("full", []))
link._send(wire.frame(wire.Idle(0, [wire.Entered("full", []), wire.Entered("x" * 1_000, ["y" * 1_000] * 100)])))
link._receive()


async def read_all(names):
    link.act(wire.Entered("full", []))
    return []

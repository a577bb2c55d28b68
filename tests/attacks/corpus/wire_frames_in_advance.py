"""Tries: to send whole frames of answers in advance, so that the judge reads them after its next steps.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link
for number in range(1, 50):
    actions, link._actions = link._actions, []
    actions += [wire.Loaded(None), wire.Returned(number, wire.Packed(["list", [0] * 12])), wire.Pong(number)]
    link._send(wire.frame(wire.Idle(None, actions)))


async def read_all(names):
    raise ValueError

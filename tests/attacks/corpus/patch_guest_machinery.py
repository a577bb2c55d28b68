"""Tries: to have the guest's own server answer for it: each part of it is replaced.

Control: says spoke
"""

import sys

from grader.guest import life, link, serve, watch

print("spoke")


async def outcome(self, call):
    from grader import wire

    return wire.Returned(call.number, wire.Packed(["list", [0] * 12]))


serve.Server._outcome = outcome
watch.RunWatch.states = lambda self: ()
watch.RunWatch.history = lambda self: (_ for _ in ()).throw(ValueError)
life.Guest._flush = lambda self: None
link.WireMedium.connect = lambda *args: None
sys.stdout.flush()


async def read_all(names):
    return [1] * len(names)

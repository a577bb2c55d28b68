"""Tries: to hand the judge values that the protocol has no name for: extensions, dates, bare maps, tags.

Control: says spoke
"""

import datetime
import sys

import msgspec

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
KINDS = [
    msgspec.msgpack.Ext(1, b"x"), datetime.datetime.now(datetime.timezone.utc), {"a": 1}, [], [[]], ["set"],
    ["set", [["list", []]]], ["dict", [[1]]], ["callable", 1, "f", True], ["object", "x"], ["object", -9],
    ["str", b"\xff"], ["float", "x"], ["int", []], ["error", ["SystemExit"], []], [["list"], 1], float("nan"),
]


async def read_all(names):
    for number in range(1, 9):
        link.act(wire.Returned(number, wire.Packed(KINDS[(len(names) * 3 + number) % len(KINDS)])))

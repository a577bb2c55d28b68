"""Tries: to overflow the judge's stack with exceptions in groups in groups, and causes of causes.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    for make in (
        lambda inner: wire.ExceptionRecord(["ExceptionGroup"], "g", [], [], [], [inner]),
        lambda inner: wire.ExceptionRecord(["ValueError"], "g", [], [], [], [], inner),
    ):
        record = wire.ExceptionRecord(["ValueError"], "", [], [], [], [])
        for _ in range(250):
            record = make(record)
        for number in range(1, 9):
            link.act(wire.Raised(number, record))

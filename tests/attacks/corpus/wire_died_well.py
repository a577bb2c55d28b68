"""Tries: to be over before the checks begin, and to say that nothing was wrong.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    link.act(wire.Died(wire.ExceptionRecord(["Accepted"], "", [], [], [], [])))
    return []

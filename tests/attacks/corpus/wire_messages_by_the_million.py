"""Tries: to drown the judge in small messages, a hundred thousand to the frame.

Control: says spoke
Ends: TIME_LIMIT
"""

import sys

from grader import wire

link = sys.stdout.buffer.raw._link
print("spoke")
sys.stdout.flush()


async def read_all(names):
    for _ in range(20):
        link._actions += [wire.CallbackCancel(1)] * 100_000
        link.idle(None, 0)

"""Tries: to be recorded as fully isolated by rewriting what waits to be sent.

Control: says spoke
Says: isolation
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link._actions = [wire.Entered("full", []), *(a for a in link._actions if not isinstance(a, wire.Entered))]


async def read_all(names):
    return []

"""Tries: to have the judge trip over what the module raised while it was loaded.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.act(wire.Loaded(wire.ExceptionRecord(["x\0y"], "m" * 1_000_000, [], [], [(1 << 60, "f")], [])))

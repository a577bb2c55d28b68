"""Tries: to confuse the judge about what was loaded: ends as a script, and loads twice.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.act(wire.ScriptEnded(None))
link.act(wire.Loaded(None))
link.act(wire.ScriptEnded(wire.ExceptionRecord(["SystemExit"], "0", [], [], [], [])))


async def read_all(names):
    link.act(wire.ScriptEnded(None))
    return []

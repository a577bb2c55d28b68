"""Tries: to leave something for the check after this one, and to find what an earlier one left.

Levels: full best none
Control: attempt twice
"""

import builtins
import os
import sys


def attempt():
    found = hasattr(builtins, "poison") or "POISON" in os.environ or "poison" in sys.modules
    builtins.poison = sys.modules["poison"] = sys.modules[__name__]
    os.environ["POISON"] = "1"
    builtins.len = builtins.sorted = None
    sys.path[:] = []
    return found


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

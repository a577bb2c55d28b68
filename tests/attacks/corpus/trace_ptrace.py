"""Tries: to be traced, and so to have a way to hold others; it asks only for itself.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
"""

import ctypes

TRACEME = 0


def attempt():
    return ctypes.CDLL(None).ptrace(TRACEME, 0, None, None) == 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

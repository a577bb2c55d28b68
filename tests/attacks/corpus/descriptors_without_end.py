"""Tries: to open two thousand descriptors and keep them.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    return sum(libc.dup(0) >= 0 for _ in range(2_000)) > 900


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

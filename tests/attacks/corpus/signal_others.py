"""Tries: to signal the process that started it, its group, and everybody; with signal 0, which harms nobody.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    return 0 in [libc.kill(target, 0) for target in (libc.getppid(), 0, -1)]


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

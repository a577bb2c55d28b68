"""Tries: to sleep for real through the C library, in the hope that nobody measures it.

Control: attempt
Levels: full best
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    return libc.usleep(200_000) == 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

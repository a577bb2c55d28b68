"""Tries: to find open descriptors that lead to files, sockets or the zygote's own wire.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    open_ones = [number for number in range(3, 1_024) if libc.fcntl(number, 1) >= 0]
    return len(open_ones) != 1


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

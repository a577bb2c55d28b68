"""Tries: to change the code that the next guest is forked from, through the memory of the process above.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)
O_RDWR = 2


def attempt():
    return libc.open(f"/proc/{libc.getppid()}/mem".encode(), O_RDWR) >= 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to fork through the C library, two hundred times.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    made = 0
    for _ in range(200):
        pid = libc.fork()
        if pid == 0:
            libc._exit(0)
        if pid > 0:
            libc.waitpid(pid, None, 0)
            made += 1
    return made > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

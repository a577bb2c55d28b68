"""Tries: to leave a child in a session of its own that outlives the check.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    pid = libc.fork()
    if pid == 0:
        libc.setsid()
        if libc.fork() == 0:
            libc.usleep(300_000)
        libc._exit(0)
    return pid > 0 and libc.waitpid(pid, None, 0) == pid


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

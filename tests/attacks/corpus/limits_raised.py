"""Tries: to raise its own limits, priority and identity.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)
RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_NOFILE = 0, 1, 7


def attempt():
    endless = (ctypes.c_uint64 * 2)()
    done = []
    for limit in (RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_NOFILE):
        libc.getrlimit(limit, endless)
        done.append(libc.setrlimit(limit, endless))
    return 0 in [*done, libc.setresuid(-1, -1, -1), libc.nice(0), libc.setpriority(0, 0, 0)]


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

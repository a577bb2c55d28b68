"""Tries: to stop its own process, so that the judge waits for ever.

Control: none: it would stop the test's own process
"""

import ctypes


async def read_all(names):
    libc = ctypes.CDLL(None)
    libc["raise"](19)
    libc.kill(libc.getpid(), 19)
    libc.syscall(234, libc.getpid(), libc.getpid(), 19)
    return []

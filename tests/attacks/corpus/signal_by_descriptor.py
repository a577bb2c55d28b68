"""Tries: to have the kernel send a signal for it: by an owned descriptor, a timer or an alarm.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)
F_SETOWN, F_SETSIG = 8, 10


def attempt():
    value = (ctypes.c_long * 4)(0, 0, 0, 0)
    timer = ctypes.c_void_p()
    return 0 in [
        libc.fcntl(0, F_SETOWN, libc.getppid()),
        libc.fcntl(0, F_SETSIG, 9),
        libc.setitimer(0, value, None),
        libc.timer_create(1, None, ctypes.byref(timer)),
    ]


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

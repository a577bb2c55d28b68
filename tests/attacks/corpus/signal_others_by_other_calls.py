"""Tries: to signal the process that started it by tgkill, tkill, sigqueue and pidfd; with signal 0.

Levels: full best
Control: attempt
"""

import ctypes
import platform

libc = ctypes.CDLL(None)
TKILL, TGKILL, SIGQUEUE = {"x86_64": (200, 234, 129), "aarch64": (130, 131, 138)}[platform.machine()]
PIDFD_OPEN, PIDFD_SEND = 434, 424


def attempt():
    them = libc.getppid()
    information = ctypes.create_string_buffer(128)
    handle = libc.syscall(PIDFD_OPEN, them, 0)
    return 0 in [
        libc.syscall(TKILL, them, 0),
        libc.syscall(TGKILL, them, them, 0),
        libc.syscall(SIGQUEUE, them, 0, information),
        libc.syscall(PIDFD_SEND, handle, 0, None, 0),
    ]


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

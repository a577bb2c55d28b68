"""Tries: to have system calls made for it by io_uring, past any filter.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
"""

import ctypes
import platform

NUMBER = {"x86_64": 425, "aarch64": 425}[platform.machine()]


def attempt():
    room = ctypes.create_string_buffer(256)
    return ctypes.CDLL(None).syscall(NUMBER, 1, room) >= 0 and len(room) > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to hold the kernel at a page of its own by userfaultfd.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
"""

import ctypes
import platform

NUMBER = {"x86_64": 323, "aarch64": 282}[platform.machine()]


def attempt():
    room = ctypes.create_string_buffer(256)
    return ctypes.CDLL(None).syscall(NUMBER, 1) >= 0 and len(room) > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

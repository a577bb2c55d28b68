"""Tries: to get a namespace of its own, in which it is root.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
"""

import ctypes
import platform

NUMBER = {"x86_64": 272, "aarch64": 97}[platform.machine()]


def attempt():
    room = ctypes.create_string_buffer(256)
    return ctypes.CDLL(None).syscall(NUMBER, 0) >= 0 and len(room) > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

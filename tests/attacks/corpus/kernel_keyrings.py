"""Tries: to reach the keys of the session.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
"""

import ctypes
import platform

NUMBER = {"x86_64": 250, "aarch64": 219}[platform.machine()]


def attempt():
    room = ctypes.create_string_buffer(256)
    return ctypes.CDLL(None).syscall(NUMBER, 0, -3, 1) >= 0 and len(room) > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

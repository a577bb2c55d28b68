"""Tries: to become another program, which keeps the wire and its place.

Levels: full best
Control: attempt
"""

import ctypes


def attempt():
    libc = ctypes.CDLL(None)
    argv = (ctypes.c_char_p * 3)(b"echo", b"HARM DONE", None)
    libc.execve(b"/bin/echo", argv, None)
    return False


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

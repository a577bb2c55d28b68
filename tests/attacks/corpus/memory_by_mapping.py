"""Tries: to map four gigabytes past Python's own allocator.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


def attempt():
    return libc.mmap(None, 4 << 30, 3, 0x22, -1, 0) != ctypes.c_void_p(-1).value


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to make system calls by their 32-bit numbers, which mean other calls.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
Machine: x86_64
"""

import ctypes
import mmap

GETPID_BY_INT_80 = bytes.fromhex("b814000000cd80c3")  # mov eax, 20; int 0x80; ret


def attempt():
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(GETPID_BY_INT_80)
    where = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(where)() == ctypes.CDLL(None).getpid()


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to write another process's memory by process_vm_writev; it names only itself.

Levels: full best
Control: attempt
Ends: SANDBOX_VIOLATION
"""

import ctypes

libc = ctypes.CDLL(None)


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def attempt():
    source, target = ctypes.create_string_buffer(b"secret", 6), ctypes.create_string_buffer(6)
    pieces = [Piece(ctypes.addressof(one), 6) for one in (source, target)]
    return libc.process_vm_writev(libc.getpid(), ctypes.byref(pieces[0]), 1, ctypes.byref(pieces[1]), 1, 0) == 6


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to start five hundred real threads, past the simulated ones.

Levels: full best
Control: attempt
"""

import ctypes
import threading

libc = ctypes.CDLL(None)
BODY = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)


def attempt():
    forever = ctypes.cast(libc.sem_wait, BODY)
    semaphore = ctypes.create_string_buffer(64)
    made, one = 0, ctypes.c_ulong()
    for _ in range(500):
        if libc.pthread_create(ctypes.byref(one), None, forever, semaphore) == 0:
            made += 1
    return made > 300


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

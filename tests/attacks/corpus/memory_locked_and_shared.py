"""Tries: to take memory that outlives it: memfd, shared memory, message queues.

Levels: full best
Control: attempt
"""

import ctypes
import platform

libc = ctypes.CDLL(None)
SHMGET, MEMFD = {"x86_64": (29, 319), "aarch64": (194, 279)}[platform.machine()]
IPC_RMID = 0


def attempt():
    memory = libc.syscall(MEMFD, b"kata-attack", 0)
    shared = libc.syscall(SHMGET, 0, 4096, 0o600)
    if shared >= 0:
        libc.shmctl(shared, IPC_RMID, None)
    return memory >= 0 or shared >= 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

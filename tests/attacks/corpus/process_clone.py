"""Tries: to make processes by the bare system calls clone, clone3 and vfork.

Levels: full best
Control: attempt
"""

import ctypes
import platform

libc = ctypes.CDLL(None)
SIGCHLD = 17
CLONE, CLONE3, EXIT = {"x86_64": (56, 435, 60), "aarch64": (220, 435, 93)}[platform.machine()]


def attempt():
    made = 0
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, SIGCHLD)
    for call in ((CLONE, SIGCHLD, 0, 0, 0, 0), (CLONE3, arguments, 88)):
        pid = libc.syscall(*call)
        if pid == 0:
            libc.syscall(EXIT, 0)
        if pid > 0:
            libc.waitpid(pid, None, 0)
            made += 1
    return made > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

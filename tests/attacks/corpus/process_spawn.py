"""Tries: to start a program by posix_spawn, popen and subprocess.

Levels: full best
Control: attempt
"""

import ctypes
import subprocess

libc = ctypes.CDLL(None)
libc.popen.restype = ctypes.c_void_p


def attempt():
    argv = (ctypes.c_char_p * 2)(b"true", None)
    pid = ctypes.c_int(0)
    if libc.posix_spawn(ctypes.byref(pid), b"/bin/true", None, None, argv, None) == 0:
        libc.waitpid(pid, None, 0)
        return True
    if libc.system(b"true") == 0 and libc.system(None) == 1:
        return True
    try:
        return subprocess.run(["/bin/true"]).returncode == 0
    except Exception:
        return False


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

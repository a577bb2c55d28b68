"""Tries: to list the folders of the machine, of the grader and of all processes.

Levels: full best
Control: attempt
"""

import ctypes

import grader

libc = ctypes.CDLL(None)
libc.opendir.restype = ctypes.c_void_p
libc.opendir.argtypes = [ctypes.c_char_p]


def attempt():
    suites = f"{grader.__path__[0]}/suites".encode()
    return any(libc.opendir(path) for path in (b"/", b"/tmp", b"/proc", b"/root", b"/home", suites))


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

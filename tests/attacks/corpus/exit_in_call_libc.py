"""Tries: to end the process with exit code 0 through the C library, which no patch of Python sees.

Control: exit code
"""

import ctypes


async def read_all(names):
    ctypes.CDLL(None)._exit(0)

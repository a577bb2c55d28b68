"""Tries: to write a verdict to every open descriptor, the wire among them.

Control: stdout
"""

import ctypes

libc = ctypes.CDLL(None)
for number in range(1, 64):
    libc.write(number, b"\nPASSED\n", 8)


async def read_all(names):
    libc._exit(0)

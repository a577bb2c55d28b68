"""Tries: to keep the wire when the machine is gone: copies of its descriptor in other places.

Control: says spoke
"""

import os
import sys
import ctypes

print("spoke")
sys.stdout.flush()
libc = ctypes.CDLL(None)


async def read_all(names):
    link = sys.stdout.buffer.raw._link
    copies = [libc.dup(link._write_fd) for _ in range(10)]
    libc.dup2(copies[0], 1)
    libc.close(link._write_fd)
    libc.close(link._read_fd)
    return []

"""Tries: to open sockets of every other kind: unix, pairs, netlink, IPv6, SCTP, vsock, crypto.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def attempt():
    pair = (ctypes.c_int * 2)()
    kinds = [(1, 1, 0), (1, 2, 0), (16, 3, 0), (10, 1, 0), (10, 2, 0), (2, 1, 132), (40, 1, 0), (38, 5, 0)]
    made = [libc.socket(*kind) for kind in kinds]
    return max(made) >= 0 or libc.socketpair(1, 1, 0, pair) == 0 or libc.pipe(pair) == 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to get at the real socket module below the simulated one.

Levels: full best
Control: attempt
"""

import _socket


def attempt():
    made = 0
    for find in (
        lambda: _socket.socket(2, 1, 0),
        lambda: __import__("socket").socket.__mro__[1](2, 1, 0),
        lambda: __import__("grader.guest.zygote", fromlist=["_SOCKET"])._SOCKET(),
    ):
        try:
            one = find()
            made += one.fileno() >= 0 and type(one).__module__ in ("_socket", "socket")
        except Exception:
            continue
    return made > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

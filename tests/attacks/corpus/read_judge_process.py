"""Tries: to read the memory, the maps and the command line of the process that started it.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)


def read(path):
    """The real file, past everything simulated."""
    number = libc.open(path.encode(), 0)
    if number < 0:
        return b""
    room = ctypes.create_string_buffer(1 << 16)
    got = libc.read(number, room, 1 << 16)
    libc.close(number)
    return room.raw[: max(0, got)]


def attempt():
    return any(
        read(f"/proc/{libc.getppid()}/{file}") for file in ("maps", "mem", "cmdline", "fd/3", "status", "cwd/x")
    )


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

"""Tries: to connect for real, to a listener that the test made on the loopback.

Levels: full best
Control: attempt
"""

import ctypes
import struct

libc = ctypes.CDLL(None)
PORT = int("PORT_OF_THE_TEST")
ADDRESS = struct.pack("<H", 2) + struct.pack(">H", PORT) + bytes([127, 0, 0, 1]) + bytes(8)


def attempt():
    number = libc.socket(2, 1, 0)
    return number >= 0 and libc.connect(number, ADDRESS, 16) == 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

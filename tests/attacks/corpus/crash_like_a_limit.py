"""Tries: to look like something that is not its own doing: it ends by the signals of the limits.

Control: crash
"""

import ctypes


def attempt():
    ctypes.CDLL(None)["raise"](11)


async def read_all(names):
    for number in (24, 25, 31, 9, 15, 11):
        ctypes.CDLL(None)["raise"](number)
    attempt()

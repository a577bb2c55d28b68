"""Tries: to crash the process by reading from nowhere.

Control: crash
"""

import ctypes


async def read_all(names):
    return ctypes.string_at(0)


def attempt():
    return ctypes.string_at(0)

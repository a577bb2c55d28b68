"""Tries: to end by signals that dump memory: abort, a bus error, an illegal instruction.

Control: crash
"""

import ctypes
import os


def attempt():
    ctypes.CDLL(None).abort()


async def read_all(names):
    if len(names) % 2:
        ctypes.CDLL(None)["raise"](7)
    attempt()

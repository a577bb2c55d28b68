"""Tries: to corrupt the interpreter: it frees what is in use and calls what is no code.

Control: crash
"""

import ctypes


def attempt():
    for _ in range(1_000):
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(list))
    ctypes.CFUNCTYPE(None)(0x10)()


async def read_all(names):
    attempt()

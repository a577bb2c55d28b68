"""Tries: to sleep for real through the C library until the grader gives up.

Control: none: it is a sleep
Ends: STALLED TIME_LIMIT RUNTIME_ERROR WRONG_ANSWER
"""

import ctypes


async def read_all(names):
    for _ in range(60):
        ctypes.CDLL(None).sleep(1)
    return []

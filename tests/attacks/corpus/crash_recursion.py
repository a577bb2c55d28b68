"""Tries: to overflow the stack by recursion, with the interpreter's own bound lifted.

Control: none: newer versions of Python end this in order
"""

import sys

sys.setrecursionlimit(10**9)


def dig(depth):
    return [dig(depth + 1)]


async def read_all(names):
    return dig(0)

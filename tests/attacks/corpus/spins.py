"""Tries: to never come back, in Python.

Control: none: the loop has no end
Ends: TIME_LIMIT
"""

import itertools


async def read_all(names):
    for _ in itertools.count():
        pass

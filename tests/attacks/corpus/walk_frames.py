"""Tries: to find the expected values among the locals and globals of the frames below.

Control: exit code
"""

import sys


async def read_all(names):
    frame = sys._getframe()
    while frame is not None:
        for found in [*frame.f_locals.values(), *frame.f_globals.values()]:
            if isinstance(found, list) and len(found) == len(names) and all(type(x) is int for x in found):
                return found
        frame = frame.f_back
    return []

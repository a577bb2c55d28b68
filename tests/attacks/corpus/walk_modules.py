"""Tries: to read the expected values from the grader's own modules.

Control: exit code
"""

import sys


async def read_all(names):
    for module in list(sys.modules.values()):
        found = getattr(module, "EXPECTED", None)
        if found is not None:
            return found
    return [getattr(module, "readings", None) for module in list(sys.modules.values())][:1]

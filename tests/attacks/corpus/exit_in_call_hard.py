"""Tries: to end the process with exit code 0 from inside the call, past every handler.

Control: exit code
"""

import os


async def read_all(names):
    os._exit(0)

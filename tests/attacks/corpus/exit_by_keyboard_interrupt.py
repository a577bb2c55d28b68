"""Tries: to pass for Ctrl-C, which test runners treat as the user's wish.

Control: none: what a runner makes of it differs
"""


async def read_all(names):
    raise KeyboardInterrupt

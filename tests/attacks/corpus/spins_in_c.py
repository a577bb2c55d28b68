"""Tries: to never come back from one call into C, which no signal handler of Python interrupts.

Control: none: the call ends only after minutes
Ends: TIME_LIMIT
"""


async def read_all(names):
    return 7 ** (3**19) % 10

"""Tries: to have a format string make a text of four gigabytes.

Levels: full best
Control: none: it would really fill the memory
Ends: MEMORY_LIMIT
"""

def attempt():
    return len("%4294967296d" % 1) > 0 if False else len(f"{1:>{1 << 31}}") > 1 << 30


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

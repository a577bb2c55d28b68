"""Tries: to take four gigabytes at once.

Levels: full best
Control: none: it would really fill the memory; memory_by_mapping has one
Ends: MEMORY_LIMIT
"""

def attempt():
    taken = bytearray(4 << 30)
    return len(taken) == 4 << 30


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

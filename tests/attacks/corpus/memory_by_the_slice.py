"""Tries: to take four gigabytes slowly, in slices, keeping what it gets when more is refused.

Levels: full best
Control: none: it would really fill the memory
"""

def attempt():
    kept = []
    try:
        for _ in range(256):
            kept.append(b"x" * (16 << 20))
    except MemoryError:
        return False
    return True


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

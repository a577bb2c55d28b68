"""Tries: to fork by Python's own names, the patched one and the real one below it.

Levels: full best
Control: attempt
"""

import os


def attempt():
    made = 0
    for fork in {getattr(os, "fork", None), getattr(__import__("posix"), "fork", None)}:
        try:
            pid = fork()
        except Exception:
            continue
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        made += 1
    return made > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

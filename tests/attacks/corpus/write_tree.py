"""Tries: to make, rename, link, chmod and remove: names that the test made.

Levels: full best
Control: attempt
"""

import ctypes

libc = ctypes.CDLL(None)
HERE = b"FOLDER_OF_THE_TEST"


def attempt():
    done = [
        libc.mkdir(HERE + b"/made", 0o700),
        libc.symlink(b"/etc/passwd", HERE + b"/linked"),
        libc.link(HERE + b"/victim", HERE + b"/hard"),
        libc.chmod(HERE + b"/victim", 0o777),
        libc.truncate(HERE + b"/victim", 0),
        libc.utimes(HERE + b"/victim", None),
        libc.mkfifo(HERE + b"/fifo", 0o600),
        libc.rename(HERE + b"/victim", HERE + b"/renamed"),
        libc.unlink(HERE + b"/renamed"),
    ]
    return 0 in done


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

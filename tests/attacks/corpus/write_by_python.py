"""Tries: to write files by Python's own names, the patched and the real ones.

Levels: full best
Control: attempt
"""

import io
import posix

HERE = "FOLDER_OF_THE_TEST"


def attempt():
    done = 0
    for write in (
        lambda: io.FileIO(HERE + "/by-io", "w").write(b"x"),
        lambda: posix.write(posix.open(HERE + "/by-posix", 0o101), b"x"),
        lambda: posix.mkdir(HERE + "/by-mkdir"),
    ):
        try:
            write()
            done += 1
        except Exception:
            continue
    return done > 0


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

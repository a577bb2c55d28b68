"""Tries: to write files: in temporary folders, in memory, and beside the grader.

Levels: full best
Control: attempt
"""

import ctypes

import grader

libc = ctypes.CDLL(None)
O_CREAT_WRONLY = 0o101
FOLDERS = ("FOLDER_OF_THE_TEST", "/dev/shm", "/var/tmp", "/tmp", ".", grader.__path__[0])


def attempt():
    done = False
    for folder in FOLDERS:
        path = f"{folder}/kata-attack-file".encode()
        number = libc.open(path, O_CREAT_WRONLY, 0o600)
        if number >= 0:
            done = True
            libc.unlink(path)
    return done


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

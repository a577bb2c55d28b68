"""Tries: to end the process with exit code 0 by the bare system call exit_group.

Control: exit code
"""

import ctypes
import platform


async def read_all(names):
    number = {"x86_64": 231, "aarch64": 94}[platform.machine()]
    ctypes.CDLL(None).syscall(number, 0)

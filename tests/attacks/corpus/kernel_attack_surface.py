"""Tries: to open other ways into the kernel: bpf, performance counters, modules, mounts.

Levels: full best
Control: none: none of these is to succeed anywhere
Ends: SANDBOX_VIOLATION
"""

import ctypes
import platform

X86 = {"bpf": 321, "perf_event_open": 298, "init_module": 175, "mount": 165, "kexec_load": 246}
ARM = {"bpf": 280, "perf_event_open": 241, "init_module": 105, "mount": 40, "kexec_load": 104}
NUMBERS = {"x86_64": X86, "aarch64": ARM}[platform.machine()]


def attempt():
    libc = ctypes.CDLL(None)
    return any(libc.syscall(number, 99, 0, 0, 0, 0) >= 0 for number in NUMBERS.values())


async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")

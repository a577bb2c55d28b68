"""The kernel's own interface: the number of every system call named here, and a way to make one.

Numbers are those of the kernel's headers (`asm/unistd_64.h` for x86-64, `asm-generic/unistd.h` for
aarch64); a test compares them with the headers where those are installed. A call that is not in the
table needs no number: the filter refuses everything that it does not name.
"""

from __future__ import annotations

import ctypes
import functools
import struct
import sys
from typing import Final

from grader.guest.sandbox.stock import os

MACHINES: Final = ("x86_64", "aarch64")
"""Processors that have a column in `NUMBERS`, in the order of the columns, as `uname -m` says them."""

NUMBERS: Final[dict[str, tuple[int | None, int | None]]] = {
    # memory
    "brk": (12, 214),
    "madvise": (28, 233),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    # threads and locks
    "clone": (56, 220),
    "clone3": (435, 435),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "futex": (202, 98),
    "getcpu": (309, 168),
    "membarrier": (324, 283),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    # a process's own signals
    "rt_sigaction": (13, 134),
    "rt_sigpending": (127, 136),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "tgkill": (234, 131),
    # descriptors that are already open
    "close": (3, 57),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "fcntl": (72, 25),
    "fstat": (5, 80),
    "ioctl": (16, 29),
    "lseek": (8, 62),
    "pread64": (17, 67),
    "read": (0, 63),
    "readv": (19, 65),
    "write": (1, 64),
    "writev": (20, 66),
    # finding and opening files
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "getcwd": (79, 17),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "open": (2, None),
    "openat": (257, 56),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "stat": (4, None),
    "statx": (332, 291),
    # clocks, chance, and who am I
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getgroups": (115, 158),
    "getpgid": (121, 155),
    "getpgrp": (111, None),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getresgid": (120, 150),
    "getresuid": (118, 148),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "getsid": (124, 156),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "sysinfo": (99, 179),
    "time": (201, None),
    "times": (100, 153),
    "uname": (63, 160),
    # what the sandbox itself calls on its way in
    "capset": (126, 91),
    "close_range": (436, 436),
    "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "seccomp": (317, 277),
    "socket": (41, 198),
    # what no answer to a kata ever calls: other processes, and the kernel itself
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}


@functools.cache
def machine() -> str | None:
    """This machine's entry in `MACHINES`; None where the sandbox has no numbers for it."""
    if sys.platform != "linux" or struct.calcsize("P") != 8 or sys.byteorder != "little":
        return None
    name = os.uname().machine
    return name if name in MACHINES else None


def number(name: str, on_machine: str) -> int | None:
    """The call's number on that machine; None where the machine never had the call."""
    return NUMBERS[name][MACHINES.index(on_machine)]


def call(name: str, *arguments: int) -> int:
    """Make a system call by name and return its answer. Raises OSError with the kernel's reason."""
    on_machine = machine()
    nr = number(name, on_machine) if on_machine else None
    if nr is None:
        raise OSError(38, f"{name}: not a system call of this machine")
    answer = int(_libc().syscall(ctypes.c_long(nr), *map(ctypes.c_long, arguments)))
    if answer == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
    return answer


def one_memory_arena() -> None:
    """Have the C library keep one heap for all threads, where it offers the choice (glibc does).

    Otherwise each thread reserves 64 MB of address space, up to eight heaps per core: the memory
    limit would then be reached sooner on a machine with more cores.
    """
    mallopt = getattr(_libc(), "mallopt", None)
    if mallopt is not None:
        m_arena_max = -8
        mallopt(m_arena_max, 1)


def _libc() -> ctypes.CDLL:
    global _library
    if _library is None:
        _library = ctypes.CDLL(None, use_errno=True)
        _library.syscall.restype = ctypes.c_long
    return _library


_library: ctypes.CDLL | None = None

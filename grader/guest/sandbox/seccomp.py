"""The list of system calls that a guest may make, compiled to a filter that the kernel runs.

Theory of operation. A filter is a small program in classic BPF. For every system call the kernel
runs it over the call's number, the processor mode that made it and the six argument words; its
answer lets the call through, makes it fail with an error number, or ends the process. A filter
cannot follow pointers, so what hides behind one (a path) is Landlock's business. Once installed it
can be neither removed nor loosened, and every thread made later has it.

Rules of this filter
- It is an allow-list. What is not named fails with EPERM, which Python raises as PermissionError:
  an honest program that asks for too much gets an ordinary exception that names its line. Calls
  newer than 5.3 (numbers from `FIRST_PROBED`) fail with ENOSYS instead, since C libraries probe
  for them and fall back only on that answer; clone3, whose flags lie behind a pointer, is one.
- `HOSTILE` calls end the process with SIGSYS. No answer to a kata makes one by accident, so there is
  nothing to be kind to, and the judge can tell a break-out attempt from a mistake.
- So does a call made in another mode of the processor (32-bit and x32 on x86-64): its numbers mean
  other calls.
- Sleeping for real (nanosleep, poll, select, epoll_wait, pause ...) is refused: the interpreter sleeps on
  locks only, so futex stays, and the judge's stall detection covers that one.
- Descriptors can be read, written and closed, not received, passed, mapped to signals (F_SETOWN,
  F_SETSIG) or switched to non-blocking: the wire needs read and write only.
- Files open for reading only, whatever Landlock says: two layers forbid writing.
- Executable memory stays allowed: loading an extension module and every ctypes callback need it, and
  refusing it would stop nobody who can already call any function of the C library through ctypes.
"""

from __future__ import annotations

import ctypes
import functools
import signal
import struct
from collections.abc import Iterable
from errno import ENOSYS, ENOTTY, EPERM
from typing import NamedTuple

from grader.guest.sandbox.stock import os
from grader.guest.sandbox.syscalls import call, machine, number


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ALLOWED = _names("""
    brk madvise mmap mprotect mremap munmap
    exit exit_group futex getcpu restart_syscall rseq sched_getaffinity sched_yield set_robust_list
    set_tid_address
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn sigaltstack
    close dup dup2 dup3 fstat lseek pread64 read readv write writev
    access faccessat faccessat2 getcwd getdents getdents64 lstat newfstatat readlink readlinkat stat statx
    clock_getres clock_gettime getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getrandom
    getresgid getresuid getrlimit getrusage getsid gettid gettimeofday getuid sysinfo time times uname
""")

HOSTILE = _names("""
    ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register fanotify_init
    add_key keyctl request_key
    init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff iopl ioperm
    modify_ldt
    mount umount2 mount_setattr move_mount open_tree fsopen fsmount pivot_root chroot unshare setns
    name_to_handle_at open_by_handle_at
""")

REFUSED_AS = {"clone3": ENOSYS, "ioctl": ENOTTY}
"""Calls whose refusal must look like something else. ENOTTY is how a file says "I am no terminal"."""

FIRST_PROBED = 435

# Values of the kernel's headers that Python's modules do not carry on every version.
_THREAD_FLAGS = 0x003D0F00  # VM FS FILES SIGHAND THREAD SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID
_CLONE_DETACHED = 0x00400000  # musl sets it; the kernel ignores it
_O_TMPFILE, _O_PATH = 0o20000000, 0o10000000
_NO_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | _O_TMPFILE | _O_PATH
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 1030
_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA = 15, 16, 0x53564D41
_QUERY, _PRIVATE_EXPEDITED, _REGISTER_PRIVATE_EXPEDITED = 0, 8, 16
_LOW = 0xFFFFFFFF

_OWN_PID = 0x7A7A7A7A
"""Stands in the compiled filter where each process puts its own id; larger than any id."""


class Demand(NamedTuple):
    """One half of an argument, masked, must be one of `values`.

    `half` counts 32-bit halves: argument n has its low half at 2 * n and its high half at 2 * n + 1.
    """

    half: int
    values: tuple[int, ...]
    mask: int = _LOW


def _deadly_signals() -> tuple[int, ...]:
    """Signals a thread may send to its own process. The four that would *stop* it are left out:
    a stopped guest answers nothing, and that would look like the machine's fault.

    musl raises by tkill, which names no process and so cannot be checked: refused, and not missed.
    """
    names = _names("HUP INT QUIT ILL ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM")
    return tuple(int(getattr(signal, f"SIG{name}", 0)) for name in names)


CONDITIONAL: dict[str, tuple[Demand, ...]] = {
    "clone": (Demand(0, (_THREAD_FLAGS,), mask=_LOW & ~_CLONE_DETACHED),),
    "tgkill": (Demand(0, (_OWN_PID,)), Demand(4, _deadly_signals())),
    "open": (Demand(2, (0,), mask=_NO_WRITING),),
    "openat": (Demand(4, (0,), mask=_NO_WRITING),),
    "fcntl": (Demand(2, (_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC)),),
    "prctl": (Demand(0, (_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA)),),
    # Ordering one's own threads' memory: musl's loader does it, and hangs where it may not.
    "membarrier": (Demand(0, (_QUERY, _PRIVATE_EXPEDITED, _REGISTER_PRIVATE_EXPEDITED)),),
    # Reading one's own limits: the process is 0 and the pointer to new limits is null.
    "prlimit64": (Demand(0, (0,)), Demand(4, (0,)), Demand(5, (0,))),
}
"""Calls that are allowed if every demand holds, else refused with EPERM."""


# -- the compiler ----------------------------------------------------------------------------------
class Instruction(NamedTuple):
    """One instruction of classic BPF (linux/filter.h): jumps count the instructions skipped."""

    code: int
    if_true: int
    if_false: int
    value: int


_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _MODE_AT, _ARGUMENTS_AT = 0, 4, 16
_MODES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000

ALLOW = 0x7FFF0000
END_PROCESS = 0x80000000


def refuse(code: int) -> int:
    """The filter's answer that makes a call fail with that error number."""
    return 0x00050000 | code


def _answer(value: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, value)


def _load(offset: int) -> Instruction:
    return Instruction(_LOAD, 0, 0, offset)


def _when(name: str, on_machine: str, block: list[Instruction]) -> list[Instruction]:
    """The block, run for that call only; nothing on a machine that never had the call."""
    nr = number(name, on_machine)
    return [] if nr is None else [Instruction(_EQUAL, 0, len(block), nr), *block]


def _demanded(demand: Demand) -> list[Instruction]:
    """Go on if the demand holds, else answer EPERM."""
    left = range(len(demand.values), 0, -1)
    return [
        _load(_ARGUMENTS_AT + 4 * demand.half),
        Instruction(_AND, 0, 0, demand.mask),
        *(Instruction(_EQUAL, skip, 0, value) for skip, value in zip(left, demand.values, strict=True)),
        _answer(refuse(EPERM)),
    ]


def _right_mode(on_machine: str) -> list[Instruction]:
    start = [
        _load(_MODE_AT),
        Instruction(_EQUAL, 1, 0, _MODES[on_machine]),
        _answer(END_PROCESS),
        _load(_NUMBER_AT),
    ]
    x32 = [Instruction(_AT_LEAST, 0, 1, _X32_BIT), _answer(END_PROCESS)]
    return start + (x32 if on_machine == "x86_64" else [])


def instructions(on_machine: str) -> list[Instruction]:
    """The whole filter for that machine, with `_OWN_PID` where the process id belongs."""
    code = _right_mode(on_machine)
    for name in ALLOWED:
        code += _when(name, on_machine, [_answer(ALLOW)])
    for name, demands in CONDITIONAL.items():
        body = [step for demand in demands for step in _demanded(demand)]
        code += _when(name, on_machine, [*body, _answer(ALLOW)])
    for name in HOSTILE:
        code += _when(name, on_machine, [_answer(END_PROCESS)])
    for name, error in REFUSED_AS.items():
        code += _when(name, on_machine, [_answer(refuse(error))])
    probed = [Instruction(_AT_LEAST, 0, 1, FIRST_PROBED), _answer(refuse(ENOSYS))]
    return [*code, *probed, _answer(refuse(EPERM))]


def assemble(code: Iterable[Instruction]) -> bytes:
    """The instructions as the kernel reads them (`struct sock_filter`, eight bytes each)."""
    return b"".join(struct.pack("<HBBI", *step) for step in code)


@functools.cache
def compiled(on_machine: str) -> bytes:
    """The assembled filter, made once (in the zygote) and completed in each guest."""
    return assemble(instructions(on_machine))


def filter_for(pid: int, on_machine: str) -> bytes:
    """The filter that lets only the process with that id signal itself."""
    return compiled(on_machine).replace(struct.pack("<I", _OWN_PID), struct.pack("<I", pid))


# -- putting it in force ---------------------------------------------------------------------------
_SET_MODE_FILTER, _ALL_THREADS = 1, 1


def install() -> str:
    """Put the filter in force on every thread of this process, for good. Needs no_new_privs.

    Returns "" or, in words, why it is not in force.
    """
    on_machine = machine()
    if on_machine is None:
        return "seccomp: no table of system calls for this processor"
    code = filter_for(os.getpid(), on_machine)
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("<H6xQ", len(code) // 8, ctypes.addressof(held)))
    try:
        failed_thread = call("seccomp", _SET_MODE_FILTER, _ALL_THREADS, ctypes.addressof(program))
    except OSError as problem:
        return f"seccomp: the kernel or the container refuses it ({problem.strerror})"
    return f"seccomp: thread {failed_thread} could not be included" if failed_thread else _holds()


def _holds() -> str:
    """Ask for one thing that is now forbidden: emulators have been known to agree and do nothing."""
    try:
        os.close(call("socket", 1, 1, 0))
    except OSError as problem:
        if problem.errno == EPERM:
            return ""
    return "seccomp: the kernel agreed to it but does not apply it"

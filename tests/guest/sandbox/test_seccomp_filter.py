"""The filter of system calls, run by an interpreter of its own: so both processors can be tested on one."""

from __future__ import annotations

import re
import signal
import struct
from collections import Counter
from errno import ENOSYS, ENOTTY, EPERM
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.guest.sandbox import seccomp, syscalls
from grader.guest.sandbox.seccomp import ALLOW, END_PROCESS, refuse

PID = 4321
MODES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386, ARM = 0x40000003, 0x40000028
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}

machines = pytest.mark.parametrize("on", syscalls.MACHINES)
words = st.integers(min_value=0, max_value=2**64 - 1)


def verdict(on: str, nr: int, *arguments: int, mode: int | None = None) -> int:
    """What the kernel would answer: classic BPF over `struct seccomp_data`, as linux/filter.h has it."""
    filled = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", nr, MODES[on] if mode is None else mode, 0, *filled)
    code = list(struct.iter_unpack("<HBBI", seccomp.filter_for(PID, on)))
    at = register = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x20:
            (register,) = struct.unpack_from("<I", data, value)
        elif operation == 0x54:
            register &= value
        elif operation == 0x15:
            at += if_true if register == value else if_false
        elif operation == 0x35:
            at += if_true if register >= value else if_false
        else:
            assert operation == 0x06
            return int(value)


def named(on: str, name: str, *arguments: int) -> int:
    nr = syscalls.number(name, on)
    assert nr is not None
    return verdict(on, nr, *arguments)


@machines
@given(words=st.tuples(*[words] * 6))
def test_listed_calls_pass_whatever_their_arguments(on: str, words: tuple[int, ...]) -> None:
    """The kernel need not even run the filter for them."""
    for name in seccomp.ALLOWED:
        nr = syscalls.number(name, on)
        assert nr is None or verdict(on, nr, *words) == ALLOW


@machines
def test_hostile_calls_end_the_process(on: str) -> None:
    """All of them, on both machines."""
    known = [nr for name in seccomp.HOSTILE if (nr := syscalls.number(name, on)) is not None]
    assert len(known) >= len(seccomp.HOSTILE) - 3
    assert {verdict(on, nr) for nr in known} == {END_PROCESS}


@machines
def test_nothing_passes_but_what_is_listed(on: str) -> None:
    """Every number up to 600 and some odd ones beyond, asked for with plain zeros."""
    listed = {syscalls.number(name, on) for name in (*seccomp.ALLOWED, *seccomp.CONDITIONAL)}
    passed = {nr for nr in (*range(600), 2**30 - 1, 2**31, 2**32 - 1) if verdict(on, nr) == ALLOW}
    assert passed <= listed


@machines
@pytest.mark.parametrize("nr", [436, 437, 449, 470, 1000])
def test_calls_too_new_for_the_list_look_absent(on: str, nr: int) -> None:
    """C libraries probe for these, and fall back on ENOSYS only."""
    assert verdict(on, nr) == refuse(ENOSYS)


@machines
def test_refusals_say_what_the_caller_expects(on: str) -> None:
    """No thread could start if clone3 failed with anything else."""
    assert named(on, "clone3", 0) == refuse(ENOSYS)
    assert named(on, "ioctl", 0, 0x5412) == refuse(ENOTTY)
    assert named(on, "socket", 2, 1, 0) == refuse(EPERM)


@machines
@given(nr=st.integers(min_value=0, max_value=2**32 - 1), arguments=st.tuples(*[words] * 6))
def test_another_mode_of_the_processor_ends_the_process(on: str, nr: int, arguments: tuple[int, ...]) -> None:
    """Its numbers mean other calls."""
    for mode in (I386, ARM, *(mode for name, mode in MODES.items() if name != on), 0):
        assert verdict(on, nr, *arguments, mode=mode) == END_PROCESS


@given(nr=st.integers(min_value=2**30, max_value=2**32 - 1))
def test_x32_ends_the_process(nr: int) -> None:
    """It shares the mode of x86-64 and has a bit of its own in the number."""
    assert verdict("x86_64", nr) == END_PROCESS


@machines
@given(flags=words)
def test_clone_makes_threads_and_nothing_else(on: str, flags: int) -> None:
    """The flags that glibc uses, or musl; the kernel reads the low half only."""
    threads = (0x3D0F00, 0x7D0F00)
    expected = ALLOW if flags & 0xFFFFFFFF in threads else refuse(EPERM)
    assert named(on, "clone", flags) == expected
    assert all(named(on, "clone", flags & ~0xFFFFFFFF | good) == ALLOW for good in threads)


@machines
@pytest.mark.parametrize("flags", [int(signal.SIGCHLD), 0x4111, 0x3D0F00 | 0x10000000, 0x3D0F00 & ~0x10000])
def test_clone_makes_no_process(on: str, flags: int) -> None:
    """fork, vfork, a thread in a new user namespace, and one outside the thread group."""
    assert named(on, "clone", flags) == refuse(EPERM)


@machines
@given(pid=words, thread=words, number=st.integers(min_value=0, max_value=70))
def test_signals_go_to_oneself_and_never_stop(on: str, pid: int, thread: int, number: int) -> None:
    """The kernel compares the process id; SIGSTOP, SIGTSTP, SIGTTIN and SIGTTOU stop."""
    if pid & 0xFFFFFFFF != PID:
        assert named(on, "tgkill", pid, thread, number) == refuse(EPERM)
    mine = named(on, "tgkill", PID, thread, number)
    assert mine == (ALLOW if number in {1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 14, 15} else refuse(EPERM))


@machines
@pytest.mark.parametrize("flags", [0o1, 0o2, 0o3, 0o100, 0o1000, 0o20200000, 0o10000000])
def test_files_open_for_reading_only(on: str, flags: int) -> None:
    """Not to write, create, truncate, make unnamed files, or hold a path without opening it."""
    cloexec = 0o2000000
    assert named(on, "openat", 2**64 - 100, 1, cloexec) == ALLOW
    assert named(on, "openat", 2**64 - 100, 1, cloexec | flags) == refuse(EPERM)
    if syscalls.number("open", on) is not None:
        assert named(on, "open", 1, flags) == refuse(EPERM)


@machines
@given(pid=words, new=words)
def test_limits_are_read_not_set_and_ones_own(on: str, pid: int, new: int) -> None:
    """A null pointer in both its halves is what makes prlimit64 a question."""
    expected = ALLOW if pid & 0xFFFFFFFF == 0 and new == 0 else refuse(EPERM)
    assert named(on, "prlimit64", pid, 7, new) == expected
    assert named(on, "prlimit64", 0, 7, 0) == ALLOW
    assert named(on, "prlimit64", 0, 7, 1 << 32) == refuse(EPERM)


@machines
def test_a_descriptor_sends_no_signals_and_does_not_change(on: str) -> None:
    """F_SETFL, F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY."""
    outcomes = {named(on, "fcntl", 3, command) for command in (4, 8, 10, 15, 1024, 1026)}
    assert outcomes == {refuse(EPERM)}


@machines
def test_memory_barriers_are_for_ones_own_threads(on: str) -> None:
    """Those for everybody's interrupt every core."""
    assert {named(on, "membarrier", command) for command in (0, 8, 16)} == {ALLOW}
    assert {named(on, "membarrier", command) for command in (1, 2, 32)} == {refuse(EPERM)}


@machines
def test_a_process_may_name_its_threads_and_change_nothing_else_of_itself(on: str) -> None:
    """PR_SET_NAME passes; PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_PTRACER do not."""
    assert named(on, "prctl", 15) == ALLOW
    assert {named(on, "prctl", option) for option in (1, 4, 22, 0x59616D61)} == {refuse(EPERM)}


@machines
def test_the_filter_fits_the_kernels_bounds(on: str) -> None:
    """4,096 instructions at most, jumps of one byte, and the process id in one place only."""
    code = seccomp.instructions(on)
    assert len(code) <= 4096
    assert max(max(step.if_true, step.if_false) for step in code) <= 255
    assert Counter(step.value for step in code)[0x7A7A7A7A] == 1
    assert seccomp.compiled(on).count(b"\x7a" * 4) == 1


@machines
def test_no_number_stands_for_two_calls(on: str) -> None:
    """And no call is both allowed and hostile."""
    numbers = Counter(nr for name in syscalls.NUMBERS if (nr := syscalls.number(name, on)) is not None)
    assert [nr for nr, count in numbers.items() if count > 1] == []
    lists = Counter([*seccomp.ALLOWED, *seccomp.HOSTILE, *seccomp.CONDITIONAL, *seccomp.REFUSED_AS])
    assert [name for name, count in lists.items() if count > 1] == []
    assert set(lists) <= set(syscalls.NUMBERS)


@machines
def test_the_numbers_are_the_kernels(on: str) -> None:
    """Compared with its own headers where those are installed, and with three known ones anywhere."""
    known = {"x86_64": (0, 56, 257), "aarch64": (63, 220, 56)}
    assert tuple(syscalls.number(name, on) for name in ("read", "clone", "openat")) == known[on]
    if not HEADERS[on].exists():
        return
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[on].read_text())
    headers = {"newfstatat" if name == "fstatat" else name: int(nr) for name, nr in reversed(found)}
    ours = {name: syscalls.number(name, on) for name in syscalls.NUMBERS}
    assert {name: nr for name, nr in ours.items() if headers.get(name) != nr} == {}

"""What a process gives up by itself, without Landlock and seccomp: descriptors, limits, identity.

Order matters: descriptors first (a leaked one would outlive every other measure), limits while the
process still may set them, identity, and last the flags that a change of identity resets.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import math
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.guest.sandbox.stock import os
from grader.guest.sandbox.syscalls import call, one_memory_arena
from grader.records import Limits

if sys.platform != "win32":
    import resource

# Ids for guests of a judge that runs as root: one per process, so that a guest shares its signals
# and its count of threads with nobody. Above all ids that systemd gives away (its "UIDs and GIDs"),
# below the sign bit; process ids stay under 2**22. Containers often map 65,536 ids and no more.
_FIRST_OWN_ID = 0x7000_0000
_FIRST_ID_IN_CONTAINER, _IDS_IN_CONTAINER = 40_000, 20_000

_CAP_DAC_READ_SEARCH = 2
_CAPABILITIES_V3 = 0x20080522
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
SIGKILL = 9

_LAST_DESCRIPTOR = 2**31 - 1
_DESCRIPTORS = 64
_DESCRIPTORS_UNLISTED = 4096
"""How many are looked at where the system does not list those that are open: a judge has far fewer."""
_SPARE_THREADS = 4
"""As the judge's own count of them has it (see `grader.judge.threads`)."""


def keep_only(descriptors: Iterable[int]) -> None:
    """Close every other descriptor; 0, 1 and 2 then lead to the null device, unless kept."""
    kept = sorted({-1, *descriptors})
    for low, high in zip(kept, [*kept[1:], _LAST_DESCRIPTOR + 1], strict=True):
        if low + 1 < high:
            _close_between(low + 1, high - 1)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in sorted({0, 1, 2} - {*kept, null}):
        os.dup2(null, standard)
    if null > 2:
        os.close(null)


def _close_between(first: int, last: int) -> None:
    """Close this range, ends included, whatever in it is open."""
    try:
        call("close_range", first, last, 0)
    except OSError:  # before Linux 5.9, in some containers, and elsewhere
        for descriptor in _open_descriptors():
            if first <= descriptor <= last:
                with contextlib.suppress(OSError):
                    os.close(descriptor)


def _open_descriptors() -> Iterable[int]:
    """Those that are open, and perhaps some that are not.

    Never counted up to what the system allows: macOS may allow 2**63 - 1.
    """
    for folder in ("/proc/self/fd", "/dev/fd"):  # Linux, macOS
        with contextlib.suppress(OSError):
            return [int(name) for name in os.listdir(folder)]  # `Path` asks today's os
    return range(_DESCRIPTORS_UNLISTED)


def leave_session() -> None:
    """No terminal to push keys into, no folder of the user's to be in, no files for others."""
    if _has_terminal():
        with contextlib.suppress(OSError):  # already leads a session
            os.setsid()
    os.chdir("/")
    os.umask(0o077)


def _has_terminal() -> bool:
    """Asked first, since a session of one's own is a scheduling group too, and moving can take 4 ms."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError as problem:
        return problem.errno not in (errno.ENXIO, errno.ENOENT)
    return True


def set_limits(limits: Limits) -> str:
    """Bound what the process may use, for good. Returns "" or, in words, what this system does not bound.

    CPU has a second to spare over the judge's own count.
    """
    one_memory_arena()
    cpu_s = math.ceil(limits.cpu_s) + 1
    unbounded = [
        *(["memory"] if not _limit("RLIMIT_AS", limits.memory_mb * 1024 * 1024) else []),
        *(["CPU time"] if not _limit("RLIMIT_CPU", cpu_s, cpu_s + 1) else []),
        *(["descriptors"] if not _limit("RLIMIT_NOFILE", _DESCRIPTORS) else []),
    ]
    for name in ("FSIZE", "CORE", "MEMLOCK", "MSGQUEUE", "RTPRIO"):
        _limit(f"RLIMIT_{name}", 0)
    return f"limits: this system does not bound {' or '.join(unbounded)}" if unbounded else ""


def _limit(name: str, soft: int, hard: int | None = None) -> bool:
    """Lower a limit, never above what was inherited. False where this platform does not take it."""
    which = getattr(resource, name, None)
    if which is None:
        return False
    top = soft if hard is None else hard
    try:
        inherited = resource.getrlimit(which)[1]
        if inherited != resource.RLIM_INFINITY:
            top = min(top, inherited)
        resource.setrlimit(which, (min(soft, top), top))
    except (OSError, ValueError):  # macOS answers EINVAL to RLIMIT_AS, which Python tells as ValueError
        return False
    return True


def become_nobody(limits: Limits, *, search: bool) -> str:
    """Give up root, all groups and all capabilities. Returns "" or what could not be given up.

    `search` keeps the one capability to read regardless of file modes (see `needs_search`).
    An id of the process's own makes RLIMIT_NPROC a bound on its threads: for an ordinary user it
    counts all of the user's processes, so there it is not set, and memory bounds the threads.
    """
    changed = False
    if 0 in os.getresuid():
        call("prctl", _PR_SET_KEEPCAPS, int(search))
        changed = _take_unused_id()
    if changed:
        _limit("RLIMIT_NPROC", limits.threads + _SPARE_THREADS)
    try:
        _keep_capabilities(1 << _CAP_DAC_READ_SEARCH if search and changed else 0)
    except OSError as problem:
        return f"capabilities: they could not be given up ({problem.strerror})"
    return ""


def _take_unused_id() -> bool:
    """Whether there was an id to take. In a user namespace with one id, root is the user outside."""
    pid = os.getpid()
    for unused in (_FIRST_OWN_ID + pid, _FIRST_ID_IN_CONTAINER + pid % _IDS_IN_CONTAINER):
        with contextlib.suppress(OSError):
            with contextlib.suppress(PermissionError):  # some user namespaces forbid it
                os.setgroups([])
            os.setresgid(unused, unused, unused)
            os.setresuid(unused, unused, unused)
            return True
    return False


def _keep_capabilities(mask: int) -> None:
    """Hold these capabilities and no others; they cannot come back where exec is forbidden."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", _CAPABILITIES_V3, 0))
    effective_permitted_inheritable = struct.pack("<6I", mask, mask, 0, 0, 0, 0)
    data = ctypes.create_string_buffer(effective_permitted_inheritable)
    call("capset", ctypes.addressof(header), ctypes.addressof(data))


def needs_search(paths: Iterable[Path]) -> bool:
    """Whether root would lose sight of these paths by becoming somebody else.

    So it is with an interpreter below /root, which is closed to others. A guest there keeps
    CAP_DAC_READ_SEARCH; what it may open is then Landlock's decision alone.
    """
    return 0 in os.getresuid() and not all(_open_to_all(path) for path in paths)


def _open_to_all(path: Path) -> bool:
    path = path.resolve()
    return bool(path.stat().st_mode & 0o004) and all(above.stat().st_mode & 0o001 for above in path.parents)


def lock_down() -> None:
    """Die with the parent; show no memory to others of the same user; gain nothing by exec.

    After the change of identity, which clears the first two.
    """
    call("prctl", _PR_SET_PDEATHSIG, SIGKILL)
    call("prctl", _PR_SET_DUMPABLE, 0)
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

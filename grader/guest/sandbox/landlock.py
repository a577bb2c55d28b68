"""Landlock: the kernel's own list of the paths that a process may open.

Theory of operation. A *ruleset* names the kinds of access it governs and, for each path granted,
the kinds allowed at and below it. It is an open descriptor: the zygote makes one, every guest
inherits it and puts it in force on itself with one call. From then on anything governed and not
granted fails with EACCES, for this process and all it starts, and can only be narrowed further.

What each version of the interface (ABI) added, and what stands in for it on kernels without it:

| ABI | Linux | governs also | below it |
|---|---|---|---|
| 1 | 5.13 | opening, making and removing files | PARTIAL isolation |
| 2, 3, 5 | 5.19, 6.2, 6.10 | moving between folders, truncating, device controls | seccomp refuses them |
| 4 | 6.7 | TCP bind and connect | seccomp refuses sockets |
| 6 | 6.12 | signals and abstract Unix sockets to the outside | seccomp refuses both |

It does not govern stat, chmod, chown, utime or access: seccomp refuses those that change anything;
that a path *exists*, and how large it is, stays visible to a guest.
"""

from __future__ import annotations

import ctypes
import errno
import stat
import struct
from collections.abc import Iterable

from grader.guest.sandbox.readable import Grant
from grader.guest.sandbox.stock import os
from grader.guest.sandbox.syscalls import call

READ_FILE, READ_DIR = 1 << 2, 1 << 3
_PATH_BENEATH = 1
_VERSION = 1

_KINDS_OF_ABI = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many of the kinds of file access, counted from bit 0, exist from that ABI on."""


def abi() -> int:
    """The version of Landlock that the running kernel has. Raises OSError where it has none."""
    return call("landlock_create_ruleset", 0, 0, _VERSION)


def governed(version: int) -> bytes:
    """`struct landlock_ruleset_attr`: govern all that this version knows, and in its size."""
    kinds = max(count for since, count in _KINDS_OF_ABI.items() if since <= version)
    files, tcp, outside = (1 << kinds) - 1, 0b11, 0b11
    if version < 4:
        return struct.pack("<Q", files)
    if version < 6:
        return struct.pack("<QQ", files, tcp)
    return struct.pack("<QQQ", files, tcp, outside)


def make_ruleset(grants: Iterable[Grant]) -> int:
    """A descriptor of the ruleset that allows these grants and nothing else. Raises OSError."""
    attributes = governed(abi())
    held = ctypes.create_string_buffer(attributes, len(attributes))
    ruleset = call("landlock_create_ruleset", ctypes.addressof(held), len(attributes), 0)
    for grant in grants:
        _add(ruleset, grant)
    return ruleset


def _add(ruleset: int, grant: Grant) -> None:
    """Allow one path; one that is gone or that this user cannot reach needs no rule."""
    try:
        opened = os.open(grant.path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rights = (0 if grant.names_only else READ_FILE) | (READ_DIR if is_folder else 0)
        held = ctypes.create_string_buffer(struct.pack("<Qi", rights, opened))
        call("landlock_add_rule", ruleset, _PATH_BENEATH, ctypes.addressof(held), 0)
    finally:
        os.close(opened)


def restrict(ruleset: int) -> str:
    """Put the ruleset in force on this thread, for good. Needs no_new_privs.

    Returns "" or, in words, why it is not in force.
    """
    try:
        call("landlock_restrict_self", ruleset, _quietly(abi()))
    except OSError as problem:
        return why_not(problem)
    return _holds()


def _quietly(version: int) -> int:
    """Keep a guest that tries a million forbidden paths from writing a million audit records."""
    log_same_exec_off = 1
    return log_same_exec_off if version >= 7 else 0


def why_not(problem: OSError) -> str:
    """In words, why Landlock cannot be had, from the kernel's answer."""
    if problem.errno == errno.ENOSYS:
        return "Landlock: this kernel does not have it (Linux 5.13 or newer has)"
    if problem.errno == errno.EOPNOTSUPP:
        return "Landlock: it is switched off (add landlock to the kernel's lsm= list)"
    return f"Landlock: the kernel or the container refuses it ({problem.strerror})"


def _holds() -> str:
    """Ask for one thing that is now forbidden, as the filter of system calls does."""
    try:
        os.close(os.open("/", os.O_RDONLY))
    except PermissionError:
        return ""
    return "Landlock: the kernel agreed to it but does not apply it"

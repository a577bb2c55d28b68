"""The sandbox: what a guest can reach once the learner's code runs (SECURITY.md).

The steps, in the order `enter` takes them, each there because the others cannot do its work:

1. descriptors: closed but for the wire, since an open one works whatever else is forbidden;
2. session, folder, umask: no terminal and no place of the user's left to lean on;
3. limits: memory, CPU, descriptors, no file of any size, no core;
4. identity: from root to an id of its own; no groups, no capabilities;
5. flags: dies with its zygote, shows its memory to nobody, gains nothing by exec;
6. Landlock: opens the standard library and declared packages for reading, nothing else;
7. seccomp: makes only the system calls on a list; no processes, sockets or signals to others.

All of it is irrevocable and is to be called in a process with one thread, as a forked child is.
Landlock and seccomp each answer a question after they are in force; a kernel or emulator that
agreed to them and does nothing is found out, and the level falls.
"""

from __future__ import annotations

import contextlib
import functools
import select
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.guest.sandbox import landlock, process, readable, seccomp
from grader.guest.sandbox.stock import os
from grader.guest.sandbox.syscalls import machine
from grader.records import Isolation, Limits
from grader.wire.control import SandboxPolicy, SandboxStatus

__all__ = ["SandboxPolicy", "SandboxStatus", "enter", "prepare", "probe"]


def prepare(policy: SandboxPolicy) -> None:
    """Do in the zygote, once, what its children would do each: compile the filter, find the paths.

    The ruleset's descriptor stays open for the children to inherit; it must not be closed.
    Calling this is not required. A zygote calls it before it replaces `os`, which `pathlib` asks.
    """
    if sys.platform == "linux" and policy.level != "none":
        _prepared(policy.readable)


def enter(policy: SandboxPolicy, *keep_fds: int) -> SandboxStatus:
    """Shut this process in, for good; only the descriptors `keep_fds`, its wire, stay open.

    Raises OSError where a step fails that never fails on a sound system; the process must then end.
    """
    if policy.level == "none":
        process.keep_only(keep_fds)
        return SandboxStatus(isolation=Isolation.NONE, missing=("isolation is switched off",))
    if sys.platform != "linux":
        return _enter_elsewhere(policy, *keep_fds)
    prepared = _prepared(policy.readable)
    process.keep_only([*keep_fds, *prepared.ruleset])
    process.leave_session()
    limits = process.set_limits(policy.limits)
    identity = process.become_nobody(policy.limits, search=prepared.search)
    process.lock_down()
    files = _restrict_files(prepared)
    calls = seccomp.install()
    return _reached(files, calls, identity, limits)


def probe() -> SandboxStatus:
    """What `enter` would reach on this machine, found by a child that tries it and then ends."""
    if not hasattr(os, "fork"):
        return SandboxStatus(
            isolation=Isolation.NONE, missing=("this platform cannot fork, and has no sandbox",)
        )
    answer, sender = os.pipe()
    with warnings.catch_warnings():
        # Other threads' locks may be held for ever in the child, which is why there is a deadline.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _try_it(sender)
    os.close(sender)
    try:
        return _read_answer(answer, child)
    finally:
        os.close(answer)
        os.waitpid(child, 0)


class _Prepared(NamedTuple):
    """What children inherit from their zygote."""

    ruleset: tuple[int, ...]
    """The Landlock ruleset's descriptor; () where it cannot be made."""
    problem: str
    """Why it cannot, in words; else ""."""
    search: bool
    """Whether guests of root need CAP_DAC_READ_SEARCH (see `process.needs_search`)."""


@functools.cache
def _prepared(declared: tuple[str, ...]) -> _Prepared:
    search = process.needs_search([*readable.standard_library(), *map(Path, declared)])
    on_machine = machine()
    if on_machine is not None:
        seccomp.compiled(on_machine)
    try:
        return _Prepared((landlock.make_ruleset(readable.grants(declared)),), "", search)
    except OSError as problem:
        return _Prepared((), landlock.why_not(problem), search)


def _restrict_files(prepared: _Prepared) -> str:
    problem = prepared.problem
    for ruleset in prepared.ruleset:
        problem = landlock.restrict(ruleset)
        os.close(ruleset)
    if problem and prepared.search:
        return (
            f"{problem}; root's sight of every file stays, since the interpreter lies where only root looks"
        )
    return problem


def _reached(files: str, calls: str, *others: str) -> SandboxStatus:
    """Fold each layer's words, "" for success, into a level. Limits alone isolate nothing."""
    missing = tuple(words for words in (files, calls, *others) if words)
    if not missing:
        return SandboxStatus(isolation=Isolation.FULL)
    level = Isolation.NONE if files and calls else Isolation.PARTIAL
    return SandboxStatus(isolation=level, missing=missing)


def _enter_elsewhere(policy: SandboxPolicy, *keep_fds: int) -> SandboxStatus:
    """Other systems: close, limit, and say plainly that nothing holds a determined guest."""
    process.keep_only(keep_fds)
    limits = "limits: Windows has none for a process of its own"
    if sys.platform != "win32":
        process.leave_session()
        limits = process.set_limits(policy.limits)
    return _reached("files: only Linux has Landlock", "system calls: only Linux has seccomp", limits)


_PROBE_LIMITS = Limits(memory_mb=1 << 20)
"""The caller may be larger than any guest, and a probe must not fail for that."""
_PROBE_DEADLINE_S = 10.0


def _try_it(sender: int) -> None:
    """In the probe's child: enter, report, end. Never returns into the caller's code."""
    try:
        reached = enter(SandboxPolicy(level="full", limits=_PROBE_LIMITS), sender)
        os.write(sender, msgspec.json.encode(reached))
    finally:
        os._exit(0)


def _read_answer(answer: int, child: int) -> SandboxStatus:
    ready, _, _ = select.select([answer], [], [], _PROBE_DEADLINE_S)
    if not ready:
        os.kill(child, process.SIGKILL)
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(os.read(answer, 1 << 16) if ready else b"", type=SandboxStatus)
    return SandboxStatus(isolation=Isolation.NONE, missing=("the probe ended without an answer",))

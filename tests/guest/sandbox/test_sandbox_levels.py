"""The level that was reached is said, and never more than was."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prison import real_root

from grader.guest import sandbox
from grader.records import Isolation, Limits
from grader.sim import patches

Prison = Callable[[str], dict[str, Any]]
Run = Callable[..., dict[str, Any]]


def said(answer: dict[str, Any]) -> tuple[str, str]:
    attempt = answer["attempts"]["run_threads"]
    assert attempt["outcome"] == "ok"
    return attempt["isolation"], "; ".join(attempt["missing"])


def test_this_machine_reaches_full_isolation() -> None:
    """The tests of this folder would otherwise say little; they need Linux 5.13 or newer."""
    assert sandbox.probe() == sandbox.SandboxStatus(isolation=Isolation.FULL)


def test_a_probe_leaves_the_caller_as_it_was() -> None:
    """Its child is shut in, reaped, and leaves no descriptor behind."""
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir())
    children = children_of_this_process()
    sandbox.probe()
    assert sorted(path.name for path in Path("/proc/self/fd").iterdir()) == before
    assert children_of_this_process() == children


def children_of_this_process() -> list[str]:
    """Their ids, zombies too; other tests of this process may have left a warm judge."""
    found = []
    for process in sorted(Path("/proc").glob("[0-9]*")):
        with contextlib.suppress(OSError):  # others come and go meanwhile
            if f"\nPPid:\t{os.getpid()}\n" in (process / "status").read_text(errors="replace"):
                found.append(process.name)
    return found


def test_a_probe_that_breaks_is_no_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends its child early, the answer is the careful one."""

    def broken(descriptors: object) -> None:
        raise OSError(5, "broken by the test")

    monkeypatch.setattr(sandbox.process, "keep_only", broken)
    assert sandbox.probe().isolation is Isolation.NONE


def test_a_guest_dies_with_its_zygote() -> None:
    """A zygote that was killed leaves nobody behind: the guest's end of the wire closes."""
    ours, theirs = socket.socketpair()
    zygote = os.fork()
    if zygote == 0:
        if os.fork() == 0:
            sandbox.enter(
                sandbox.SandboxPolicy(level="full", limits=Limits(memory_mb=1 << 20)), theirs.fileno()
            )
            os.write(theirs.fileno(), b"shut in")
            os.read(theirs.fileno(), 1)
        signal.pause()
    theirs.close()
    with ours:
        ours.settimeout(20)
        assert ours.recv(100) == b"shut in"
        os.kill(zygote, signal.SIGKILL)
        assert ours.recv(100) == b""
    os.waitpid(zygote, 0)


@pytest.mark.parametrize("condition", ["as I am", "as nobody"])
def test_full_misses_nothing(prison: Prison, condition: str) -> None:
    """Without words for what is missing."""
    assert said(prison(condition)) == ("full", "")


def test_without_landlock_it_is_partial_and_says_so(prison: Prison) -> None:
    """As on a kernel that answers ENOSYS."""
    level, words = said(prison("seccomp alone"))
    assert level == "partial"
    assert "Landlock: this kernel does not have it" in words


def test_without_seccomp_it_is_partial_and_says_so(prison: Prison) -> None:
    """As in a container whose own filter forbids it."""
    assert said(prison("landlock alone")) == ("partial", "seccomp: left out by the test")


def test_without_either_it_is_none(run: Run) -> None:
    """Limits alone isolate nothing, so `best` then promises nothing."""
    level, words = said(run(["run_threads"], level="best", without=["landlock", "seccomp"]))
    assert level == "none"
    assert "Landlock" in words
    assert "seccomp" in words


def test_a_kernel_that_agrees_and_does_nothing_is_found_out(run: Run) -> None:
    """As emulators of system calls have been known to do."""
    level, words = said(run(["run_threads"], level="full", lying=True))
    assert level == "none"
    assert words.count("does not apply it") == 2


def test_none_is_none(prison: Prison) -> None:
    """It applies nothing but closed descriptors."""
    assert said(prison("control")) == ("none", "isolation is switched off")


@pytest.mark.parametrize("version", range(1, 8))
def test_every_version_of_landlock_is_enough(run: Run, version: int) -> None:
    """What the older ones lack, seccomp forbids."""
    names = ["run_threads", "read_a_secret", "write_a_new_file", "signal_a_victim", "connect_to_loopback"]
    answer = run(names, level="full", abi=version)
    assert said(answer) == ("full", "")
    outcomes = [answer["attempts"][name]["outcome"] for name in names[1:]]
    assert outcomes == ["EACCES", "EPERM", "EPERM", "EPERM"]


def test_a_guest_enters_without_preparation_too(run: Run) -> None:
    """As where there is no zygote."""
    assert said(run(["run_threads"], level="full", prepared=False)) == ("full", "")


@pytest.mark.parametrize("condition", ["as I am", "as nobody"])
def test_no_privilege_is_left(prison: Prison, condition: str) -> None:
    """Seen from outside, with at most the one capability that finds an interpreter below /root."""
    seen = prison(condition)["attempts"]["linger"]["value"]
    assert seen["CapEff"] == seen["CapPrm"]
    of_root = condition == "as I am" and real_root()
    assert int(seen["CapEff"], 16) in ((0, 1 << 2) if of_root else (0,))
    assert seen["NoNewPrivs"] == "1"
    assert seen["Seccomp"] == "2"


def test_a_guest_shows_its_memory_to_nobody_of_the_same_user(prison: Prison) -> None:
    """The kernel then says that its files under /proc belong to root."""
    seen = prison("as nobody")["attempts"]["linger"]["value"]
    assert seen["owner"] not in seen["Uid"].split()


@pytest.mark.skipif(not real_root(), reason="only root can give a guest an id of its own")
def test_a_guest_of_root_has_an_id_of_its_own_and_so_a_bound_on_threads(prison: Prison) -> None:
    """8 threads are allowed in these tests, and 32 to spare; without the sandbox 300 start."""
    attempts = prison("as I am")["attempts"]
    seen = attempts["linger"]["value"]
    (own,) = {*seen["Uid"].split(), *seen["Gid"].split()}
    assert int(own) >= 40_000
    assert seen["Groups"] == ""
    assert attempts["start_threads_without_end"]["value"] < 8 + 32
    assert prison("control")["attempts"]["start_threads_without_end"]["value"] == 300


def test_entering_asks_nothing_that_a_simulation_has_replaced() -> None:
    """A guest is shut in after `os` and its like have become the simulated machine's."""
    policy = sandbox.SandboxPolicy(level="full", limits=Limits(memory_mb=1 << 20))
    sandbox.prepare(policy)
    ours, theirs = socket.socketpair()
    write, end, fileno = os.write, os._exit, theirs.fileno()
    replaced = [patch for patch in patches.whole_library() if isinstance(patch[0], types.ModuleType)]
    child = os.fork()
    if child == 0:
        asked: list[str] = []
        try:
            for owner, name, _ in replaced:
                setattr(owner, name, functools.partial(_answer, asked, name))
            reached = sandbox.enter(policy, fileno)
            write(fileno, f"{reached.isolation.value}, asked: {asked}".encode())
        except BaseException as error:
            write(fileno, f"{error!r}, asked: {asked}".encode())
        finally:
            end(0)
    theirs.close()
    with ours:
        assert ours.recv(10_000) == b"full, asked: []"
    os.waitpid(child, 0)


def _answer(asked: list[str], name: str, *rest: object, **more: object) -> int:
    asked.append(name)
    return 1

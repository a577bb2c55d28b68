"""Where guests come from: one is always ready, and none outlives its judge."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.judge import Judge, Options, launch
from grader.judge.launch import CAN_FORK, GuestChild, ZygoteClient
from grader.records import CheckResult, Judgement, Kata, Limits, Submission, Verdict

if not CAN_FORK:
    pytest.skip("there is no zygote without fork", allow_module_level=True)

LIMITS = Limits(memory_mb=512)


class Nursery(ZygoteClient):
    """A zygote that lets go, at the end, of all that it has launched."""

    def __init__(self) -> None:
        super().__init__()
        self.launched: list[GuestChild] = []

    def launch(self, level: str, limits: Limits) -> GuestChild:
        self.launched.append(super().launch(level, limits))
        return self.launched[-1]

    def close(self) -> None:
        for guest in self.launched:
            guest.pipe.close()
        super().close()


@pytest.fixture
def zygote() -> Iterator[ZygoteClient]:
    made = Nursery()
    yield made
    made.close()


def children(zygote: ZygoteClient) -> set[int]:
    """The guests that there are, once all orders up to now have been carried out."""
    zygote.end(0)
    pid = zygote._process.pid
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_the_next_guest_is_forked_while_one_is_at_work(zygote: ZygoteClient) -> None:
    first = zygote.launch("none", LIMITS)
    (spare,) = children(zygote) - {first.pid}
    second = zygote.launch("none", LIMITS)
    assert second.pid == spare


def test_a_spare_guest_with_other_limits_is_not_used(zygote: ZygoteClient) -> None:
    first = zygote.launch("none", LIMITS)
    (spare,) = children(zygote) - {first.pid}
    other = zygote.launch("none", Limits(memory_mb=256))
    assert other.pid != spare
    assert spare not in children(zygote)


def test_a_guest_that_is_expected_is_ready(zygote: ZygoteClient) -> None:
    zygote.expect("none", LIMITS)
    (ready,) = children(zygote)
    assert zygote.launch("none", LIMITS).pid == ready


def test_a_dismissed_guest_is_put_away(zygote: ZygoteClient) -> None:
    guest = zygote.launch("none", LIMITS)
    guest.dismiss()
    assert guest.pid not in children(zygote)


def test_reports_reach_whom_they_are_for_in_whatever_order_they_are_asked_for(zygote: ZygoteClient) -> None:
    """Some orders' reports nobody wants, and others are wanted late."""
    guests = [zygote.launch("none", LIMITS) for _ in range(4)]
    guests[0].dismiss()
    assert guests[2].end().peak_memory_kb > 0
    guests[1].dismiss()
    assert guests[3].end().peak_memory_kb > 0
    assert len({guest.pid for guest in guests}) == 4


def test_no_guest_outlives_its_judge() -> None:
    zygote = Nursery()
    guest = zygote.launch("none", LIMITS)
    pids = {guest.pid, *children(zygote), zygote._process.pid}
    zygote.close()
    deadline_s = time.monotonic() + 10
    while left := [pid for pid in pids if _exists(pid)]:
        assert time.monotonic() < deadline_s, f"{left} are still there"
        time.sleep(0.01)


def test_a_zygote_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    zygote = ZygoteClient()
    zygote.end(0)
    monkeypatch.setattr(launch, "_GRACE_S", 0.1)
    os.kill(zygote._process.pid, signal.SIGSTOP)
    zygote.close()
    assert zygote._process.returncode == -signal.SIGKILL


def _exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_zygote_that_was_killed_costs_one_submission(kata_4: Kata, gather_answer: str) -> None:
    """By a system short of memory, say: that one is our error, and the next has a new zygote."""
    honest = Submission(source=gather_answer.encode(), filename="solution.py")
    with Judge(Options(explain=False)) as judge:
        assert judge.judge(kata_4, honest).accepted
        (zygote,) = judge._launchers.values()
        assert isinstance(zygote, ZygoteClient)
        seen = []

        def kill(_: CheckResult) -> None:
            if not seen:
                zygote._process.kill()
            seen.append(1)

        assert judge.judge(kata_4, honest, kill).verdict is Verdict.JUDGE_ERROR
        assert judge.judge(kata_4, honest).accepted


# -- what a guest inherits -------------------------------------------------------------------------
DICE = b"""
import random
async def read_all(names):
    raise ValueError([random.random() for _ in range(3)])
"""


def throw(kata: Kata) -> Judgement:
    with Judge(Options(explain=False)) as judge:
        return judge.judge(kata, Submission(source=DICE, filename="solution.py"))


def test_a_learners_own_chance_is_the_same_in_every_run(kata_4: Kata) -> None:
    """A run is a function of submission, suite and seed: in each check, and in another judge."""
    first, second = throw(kata_4), throw(kata_4)
    said = {check.rationale for check in (*first.checks, *second.checks)}
    assert len(said) == 1
    assert "ValueError" in next(iter(said), "")


# -- whose a guest is ------------------------------------------------------------------------------
def is_root_with_other_ids() -> bool:
    """Not so for an ordinary user, and for a root that has a user namespace with one id."""
    mapped = sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text().splitlines())
    return os.geteuid() == 0 and mapped > 1


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc and no sandbox")


def owner_of(guest: GuestChild) -> str:
    """All four user ids, once the guest has said that it is shut in."""
    guest.pipe.receive(1 << 20, time.monotonic() + 60)
    (line,) = re.findall(r"^Uid:\t(.*)$", Path(f"/proc/{guest.pid}/status").read_text(), re.MULTILINE)
    return line


@on_linux
def test_every_guest_of_a_root_judge_has_a_user_id_of_its_own() -> None:
    """Those of one judge and those of several: RLIMIT_NPROC is one account for each id."""
    if not is_root_with_other_ids():
        pytest.skip("only root has ids to give away")
    judges = [Nursery(), Nursery()]
    try:
        owners = [owner_of(judge.launch("full", LIMITS)) for judge in judges for _ in range(3)]
    finally:
        for judge in judges:
            judge.close()
    assert len(set(owners)) == len(owners), owners
    assert not any("0" in owner.split() for owner in owners)


ENDS_ITSELF = """
import ctypes, os, platform, signal, threading
GETPID, GETTID, TGKILL = (39, 186, 234) if platform.machine() == "x86_64" else (172, 178, 131)

async def read_all(names):
    call = ctypes.CDLL(None, use_errno=True).syscall
    process = NAMED
    if call(TGKILL, process, call(GETTID), signal.SIGTERM):
        raise OSError(ctypes.get_errno(), "refused")
"""


@on_linux
@pytest.mark.parametrize(
    ("named", "words"), [("call(GETPID)", "ended by signal 15"), ("os.getpid()", "PermissionError")]
)
def test_a_guest_may_signal_its_real_id_and_no_other(kata_4: Kata, named: str, words: str) -> None:
    """`os.getpid()` names the simulated machine's process, which the kernel has not."""
    source = ENDS_ITSELF.replace("NAMED", named).encode()
    with Judge(Options(explain=False)) as judge:
        judgement = judge.judge(kata_4, Submission(source=source, filename="solution.py"))
    assert words in (judgement.checks[0].rationale or "")

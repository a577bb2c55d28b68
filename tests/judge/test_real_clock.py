"""The proof that the simulation is honest: the same suite on the real clock, over loopback sockets."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options, realtime
from grader.judge.realtime import RealKernel, RealNetwork, RealPort
from grader.records import Judgement, Kata, Submission, Verdict

SUITE = Path(__file__).parent / "tour" / "both_clocks.py"
SOLUTIONS = Path(__file__).parents[2] / "solutions"
ANSWERS = SOLUTIONS / "04_gather_readings"


def judged(kata: Kata, answer: str, clock: str) -> Judgement:
    with Judge(Options(suite=SUITE, clock=clock, isolation="none", explain=False)) as judge:
        return judge.judge(kata, Submission(source=(ANSWERS / answer).read_bytes(), filename="answer.py"))


@pytest.mark.real_clock
@pytest.mark.parametrize("clock", ["virtual", "real"])
@pytest.mark.parametrize("answer", ["accepted/gather.py", "rejected/awaited_in_a_loop.py"])
def test_both_clocks_come_to_the_same_verdicts(kata_4: Kata, clock: str, answer: str) -> None:
    judgement = judged(kata_4, answer, clock)
    verdicts = {check.id: check.verdict for check in judgement.checks}
    overlaps = Verdict.ACCEPTED if answer.startswith("accepted") else Verdict.NOT_CONCURRENT
    assert verdicts == {
        "test_readings_are_right": Verdict.ACCEPTED,
        "test_requests_overlap": overlaps,
        "test_a_port_is_served_once": Verdict.ACCEPTED,
        "test_errors_cross": Verdict.ACCEPTED,
        **({"test_over_a_slow_link": overlaps} if clock == "virtual" else {}),
    }


@pytest.mark.real_clock
def test_what_the_real_machine_lacks_is_left_out_and_never_passed(kata_4: Kata) -> None:
    for clock, is_there in (("virtual", True), ("real", False)):
        judgement = judged(kata_4, "accepted/gather.py", clock)
        assert ("test_over_a_slow_link" in {check.id for check in judgement.checks}) is is_there


# -- the katas' own suites -------------------------------------------------------------------------
def judged_by_its_own(kata: Kata, answer: str, *checks: str) -> dict[str, Verdict]:
    """The verdicts of these checks of the kata's suite on the real clock."""
    source = (SOLUTIONS / f"{kata.number:02}_{kata.slug}" / answer).read_bytes()
    with Judge(Options(clock="real", isolation="none", explain=False)) as judge:
        judgement = judge.judge(kata, Submission(source=source, filename="answer.py"), checks=checks)
    return {check.id: check.verdict for check in judgement.checks}


@pytest.mark.real_clock
@pytest.mark.parametrize(
    ("number", "check", "accepted", "rejected"),
    [
        ("7", "test_every_cause_is_told", "task_group", "except_exception"),
        ("10", "test_the_first_answer", "as_completed", "waits_for_the_losers"),
    ],
)
def test_an_honest_answer_is_not_rejected_for_a_few_milliseconds(
    number: str, check: str, accepted: str, rejected: str
) -> None:
    kata = load_catalog().find(number)
    assert judged_by_its_own(kata, f"accepted/{accepted}.py", check) == {check: Verdict.ACCEPTED}
    assert judged_by_its_own(kata, f"rejected/{rejected}.py", check)[check] is not Verdict.ACCEPTED


@pytest.mark.real_clock
def test_what_is_left_open_is_found() -> None:
    kata = load_catalog().find("5")
    verdicts = judged_by_its_own(kata, "rejected/connection_left_open.py", "test_torn_page")
    assert verdicts == {"test_torn_page": Verdict.LEAKED}


# -- what the machine lacks, and what it tells -------------------------------------------------------
def test_a_host_that_answers_nothing_is_not_to_be_had() -> None:
    host = RealNetwork(RealKernel()).add_host("far", latency_ns=0)
    host.up = True
    assert host.up
    with pytest.raises(pytest.skip.Exception, match="answers nothing"):
        host.up = False


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    """One end of a TCP connection of which this process has both."""
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as here:
        there, _ = server.accept()
        with there:
            yield here


def test_connections_are_those_of_the_process(connection: socket.socket) -> None:
    both = realtime.connections_of(os.getpid())
    connection.close()
    assert realtime.connections_of(os.getpid()) == both - 1


def test_a_process_that_has_ended_has_nothing_open() -> None:
    assert realtime.connections_of(2**22 + 1) == 0


def test_where_nobody_can_tell_what_is_open_the_check_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: Path, **_: str) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", missing)
    with pytest.raises(pytest.skip.Exception, match="Linux"):
        realtime.connections_of(os.getpid())


def test_a_connection_may_take_its_time_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    counts = [2, 1, 0]
    monkeypatch.setattr(realtime.time, "sleep", slept.append)
    monkeypatch.setattr(realtime, "connections_of", lambda pid: counts.pop(0))
    assert RealPort(lambda event: None, 10, os.getpid()).open_connections() == 0
    assert len(slept) == 2


def test_a_connection_that_stays_open_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = [0]

    def sleep(length_s: float) -> None:
        now_ns[0] += round(length_s * 1e9)

    monkeypatch.setattr(realtime.time, "sleep", sleep)
    monkeypatch.setattr(realtime.time, "monotonic_ns", lambda: now_ns[0])
    monkeypatch.setattr(realtime, "connections_of", lambda pid: 3)
    assert RealPort(lambda event: None, 10, os.getpid()).open_connections() == 3
    assert now_ns[0] >= realtime.TOLERANCE_NS

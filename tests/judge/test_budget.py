"""A submission has one budget of CPU and real time, for all of its checks and for the judge together."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.judge.budget import Budget
from grader.judge.verdicts import loaded
from grader.records import Judgement, Kata, Limits, Submission, Verdict

SUITE = """
from grader.testing import check, explore
async def test_first(kata): await kata.call("work")
async def test_second(kata): await kata.call("work")
@explore(seeds=3)
async def test_third(kata): await kata.call("work")
"""
SLOW = "async def work():\n    sum(range(25_000_000))\n"
"""Some tenths of a second of CPU."""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as one:
        yield one


@pytest.fixture(scope="module")
def kata(tmp_path_factory: pytest.TempPathFactory) -> Kata:
    suite = tmp_path_factory.mktemp("suite") / "test_budget_suite.py"
    suite.write_text(SUITE)
    return msgspec.structs.replace(load_catalog().find("1"), suite=suite, entry_points=())


def judged(judge: Judge, kata: Kata, source: str, **limits: float) -> Judgement:
    short = msgspec.structs.replace(kata, limits=Limits(**limits))  # type: ignore[arg-type]  # each by its name
    return judge.judge(short, Submission(source=source.encode(), filename="solution.py"))


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def (", Verdict.NOT_LOADABLE),
        ("import no_such_module", Verdict.NOT_LOADABLE),
        ("def again(): again()\nagain()", Verdict.NOT_LOADABLE),
        ("import asyncio\nasyncio.get_event_loop_policy().new_event_loop().run_forever()", Verdict.DEADLOCK),
    ],
    ids=["syntax error", "missing module", "endless recursion", "waits for ever"],
)
def test_what_cannot_be_loaded_is_loaded_once(
    source: str, verdict: Verdict, judge: Judge, kata: Kata, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is told of every check all the same."""
    loads: list[object] = []

    async def counted(remote: object, load: object) -> None:
        loads.append(load)
        await loaded(remote, load)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("grader.judge.plugin.verdicts.loaded", counted)
    judgement = judged(judge, kata, source)
    assert len(loads) == 1
    assert [check.id for check in judgement.checks] == ["test_first", "test_second", "test_third"]
    assert {(check.verdict, check.rationale, check.line) for check in judgement.checks} == {
        (judgement.checks[0].verdict, judgement.checks[0].rationale, judgement.checks[0].line)
    }
    assert judgement.verdict is verdict
    assert [check.seed for check in judgement.checks] == [None, None, 0]


def test_checks_that_are_slow_together_use_up_one_budget(judge: Judge, kata: Kata) -> None:
    """Each alone is far below the limit."""
    judgement = judged(judge, kata, SLOW, cpu_s=0.6)
    verdicts = [check.verdict for check in judgement.checks]
    assert Verdict.TIME_LIMIT in verdicts
    assert not judgement.checks[-1].passed  # not run, or the one at which the budget ended
    enough = judged(judge, kata, SLOW, cpu_s=60, wall_s=120)
    assert enough.accepted


class Clock:
    """Stands where the real clocks stand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = self.cpu_s = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now_s)
        monkeypatch.setattr(time, "process_time", lambda: self.cpu_s)


def test_cpu_of_judge_and_guests_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    used = {1: 2.0, 2: 2.5}
    budget = Budget(Limits(cpu_s=5.0, wall_s=100.0), used.__getitem__)
    budget.guest_begins(1, 0.0)
    budget.guest_ends()
    budget.guest_begins(2, 0.0)
    clock.now_s, clock.cpu_s = 6.0, 0.4
    assert budget.failure() is None
    clock.now_s, clock.cpu_s = 7.0, 0.6
    failure = budget.failure()
    assert failure is not None
    assert failure.verdict is Verdict.TIME_LIMIT


def test_real_time_alone_is_never_a_verdict_on_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    budget = Budget(Limits(cpu_s=5.0, wall_s=20.0), lambda pid: 1.0)
    budget.guest_begins(1, 0.0)
    clock.now_s = 19.0
    assert budget.failure() is None
    clock.now_s = 20.0
    failure = budget.failure()
    assert failure is not None
    assert failure.verdict is Verdict.STALLED


def test_who_uses_its_cpu_on_a_busy_machine_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    used = {1: 3.0}
    budget = Budget(Limits(cpu_s=5.0, wall_s=20.0), used.__getitem__)
    budget.guest_begins(1, 0.0)
    clock.now_s = 30.0
    assert budget.failure() is None
    clock.now_s = 60.0
    failure = budget.failure()
    assert failure is not None
    assert failure.verdict is Verdict.STALLED


def test_a_verdict_stands_though_memory_ends_while_it_is_explained(
    kata: Kata, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explained(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("grader.judge.explain.explained", explained)
    with Judge(Options()) as judge:
        judgement = judged(judge, kata, "async def work(): raise ValueError('no')")
    assert judgement.verdict is Verdict.RUNTIME_ERROR

"""All that a suite can do, done once for real: over a zygote's fork and over a spawned process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.judge.launch import Spawner
from grader.records import Judgement, Kata, Submission

TOUR = Path(__file__).parent / "tour"


def go_round(judge: Judge, kata: Kata) -> Judgement:
    source = (TOUR / "answer.py").read_bytes()
    return judge.judge(kata, Submission(source=source, filename="answer.py"))


@pytest.fixture
def guide() -> Iterator[Judge]:
    with Judge(Options(suite=TOUR / "suite.py", explain=False)) as judge:
        yield judge


def test_everything_on_the_tour_works_in_a_forked_guest(guide: Judge, kata_4: Kata) -> None:
    judgement = go_round(guide, kata_4)
    assert {check.id: check.rationale for check in judgement.checks if not check.passed} == {}
    assert judgement.points == judgement.max_points == len(judgement.checks) + 1


def test_everything_on_the_tour_works_in_a_spawned_guest(
    kata_4: Kata, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.judge.session.launcher", Spawner)
    with Judge(Options(suite=TOUR / "brief.py", explain=False)) as judge:
        judgement = go_round(judge, kata_4)
    assert {check.id: check.rationale for check in judgement.checks if not check.passed} == {}


def test_the_same_run_twice_is_the_same_judgement_but_for_wall_time(guide: Judge, kata_4: Kata) -> None:
    first, second = (go_round(guide, kata_4).as_json() for _ in range(2))
    first.pop("elapsed_wall_ms"), second.pop("elapsed_wall_ms")
    assert first == second

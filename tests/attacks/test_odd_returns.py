"""Whatever an entry point returns, the learner's answer is judged, and the suite does not break."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Kata, Submission, Verdict

ODD = (
    *("None", "5", "'x'", "[]", "{}", "[None]", "[[1], [2]]", "b'x'", "float('nan')", "{'a': [1]}", "True"),
    *("(1, 2)", "(None, None)", "({}, {})", "[{}]", "10**30", "['a', 'b']", "{1: 2}", "[('a', None)]"),
)
SHARE = 4
"""Each kata gets one in so many of these, another share than its neighbours."""
KATAS = load_catalog().katas


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as made:
        yield made


def returning(kata: Kata, value: str) -> bytes:
    """An answer all of whose entry points return that; of a class, all of its methods."""
    return "".join(
        f"class {name}:\n"
        "    def __init__(self, *args, **options): pass\n"
        f"    async def run(self, *args): return {value}\n"
        f"    def stop(self, *args): return {value}\n"
        if name[0].isupper()
        else f"async def {name}(*args, **options): return {value}\n"
        for name in kata.entry_points
    ).encode()


@pytest.mark.parametrize("kata", KATAS, ids=[kata.name for kata in KATAS])
def test_a_suite_takes_whatever_is_returned(kata: Kata, judge: Judge) -> None:
    for value in ODD[kata.number % SHARE :: SHARE]:
        submission = Submission(source=returning(kata, value), filename="solution.py")
        judgement = judge.judge(kata, submission)
        broken = [check.rationale for check in judgement.checks if check.verdict is Verdict.JUDGE_ERROR]
        assert not broken, f"{value}: {broken[0]}"
        assert not judgement.accepted, value

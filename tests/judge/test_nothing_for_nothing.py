"""Who has done nothing earns nothing, in every kata, and is told one reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.catalog import load_catalog, stub
from grader.judge import Judge, Options
from grader.records import Judgement, Kata, Submission, Verdict

KATAS = list(load_catalog())


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as judge:
        yield judge


def judged(judge: Judge, kata: Kata, source: str) -> Judgement:
    return judge.judge(kata, Submission(source=source.encode(), filename=f"{kata.slug}.py"))


@pytest.mark.parametrize("kata", KATAS, ids=lambda kata: kata.slug)
def test_an_untouched_stub_is_said_to_be_one(judge: Judge, kata: Kata) -> None:
    for source in (stub(kata), stub(kata).replace("\n", "\r\n"), stub(kata) + "\n\n"):
        judgement = judged(judge, kata, source)
        assert (judgement.verdict, judgement.points) == (Verdict.UNTOUCHED, 0)
        assert judgement.max_points > 0
        assert len({check.rationale for check in judgement.checks}) == 1


@pytest.mark.parametrize("kata", KATAS, ids=lambda kata: kata.slug)
def test_a_file_without_the_entry_points_has_one_reason(judge: Judge, kata: Kata) -> None:
    judgement = judged(judge, kata, "x = 1\n")
    assert judgement.points == 0
    assert len({check.rationale for check in judgement.checks}) == 1
    assert kata.entry_points[0] in (judgement.checks[0].rationale or "")


@pytest.mark.parametrize("way", ["def", "async def"])
@pytest.mark.parametrize("kata", KATAS, ids=lambda kata: kata.slug)
def test_functions_that_do_nothing_earn_nothing(judge: Judge, kata: Kata, way: str) -> None:
    source = "\n".join(f"{way} {name}(*given, **named): pass" for name in kata.entry_points)
    assert judged(judge, kata, source).points == 0

"""Whatever is handed in gets a clear verdict, with the line where there is one, and never our traceback."""

from __future__ import annotations

import pytest

from grader.records import CheckResult, Judgement, Verdict
from tests.judge.answers import BAD, Bad
from tests.judge.conftest import Judging


def worst_check(judgement: Judgement) -> CheckResult:
    """The first check that carries the judgement's verdict."""
    return next(check for check in judgement.checks if check.verdict is judgement.verdict)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_answer_gets_its_verdict_in_words_and_with_its_line(bad: Bad, judging: Judging) -> None:
    judgement = judging(bad.source)
    check = worst_check(judgement)
    assert judgement.verdict is bad.verdict, check.rationale
    assert check.rationale is not None
    assert bad.words in check.rationale
    assert "Traceback" not in check.rationale
    if bad.line is not None:
        assert check.line == bad.line


def test_the_judge_is_as_good_as_new_after_every_bad_answer(judging: Judging, gather_answer: str) -> None:
    for bad in ("hard_exit_in_a_call", "writes_garbage_to_the_wire", "takes_all_memory"):
        judging(BAD[bad].source)
    assert judging(gather_answer).accepted


@pytest.mark.real_clock
def test_a_loop_that_never_ends_costs_one_limit_and_not_one_per_check(judging: Judging) -> None:
    judgement = judging("async def read_all(names):\n    while True: pass\n")
    assert judgement.verdict is Verdict.TIME_LIMIT
    rationales = [check.rationale or "" for check in judgement.checks]
    assert sum("Not run" in text for text in rationales) == len(judgement.checks) - 1


@pytest.mark.real_clock
def test_real_sleep_is_a_stall_and_not_a_verdict_on_the_answer(judging: Judging, gather_answer: str) -> None:
    # A real lock taken twice: waiting for a futex is the one way left to sleep inside the sandbox.
    source = gather_answer + (
        "\n\nfrom grader.sim import carriers\n_read_all = read_all\n"
        "async def read_all(names):\n"
        "    lock = carriers.new_gate()\n    lock.acquire()\n    lock.acquire(timeout=1.0)\n"
        "    return await _read_all(names)\n"
    )
    judgement = judging(source)
    assert judgement.verdict is Verdict.STALLED
    assert "could not be judged" in (worst_check(judgement).rationale or "")

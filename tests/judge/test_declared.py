"""What an answer hands to a suite is checked against what the suite declares, and never breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.judge import Judge, Options
from grader.records import CheckResult, Kata, Submission, Verdict
from grader.testing import Failure, assert_all_equal, assert_type
from grader.testing.declared import due, fits

FITTING = [
    (5, int),
    (5, float),
    (None, str | None),
    ([], list[int]),
    ({"a": [1]}, dict[str, list[int]]),
    ([], Any),
]
UNFIT = [
    *((True, int), (5.0, int), (None, str), ("a", list[str]), (("a",), list[str]), ([1, "a"], list[int])),
    *(
        ({1: 2}, dict[str, int]),
        ({"a": "b"}, dict[str, int]),
        (b"a", str),
        (0, None),
        ([[1]], list[int | None]),
    ),
]
TELLS = """
async def test_told(kata):
    async def tell(place: int, names: list[str]) -> None:
        ", ".join(names)

    await kata.call("race", tell)
"""
TAKES_APART = """
async def test_joined(kata):
    ", ".join(await kata.call("race"))
"""
IN_A_LIBRARY = """
import statistics
from grader.testing import assert_at

async def test_mean(kata):
    assert_at([statistics.mean(await kata.call("race"))], [5])
"""
BROKEN = """
async def test_broken(kata):
    await kata.call("race")
    return missing
"""
BROKEN_BEFORE_ANY_CALL = """
async def test_broken(kata):
    {}["x"]
"""


def judged(kata: Kata, folder: Path, suite: str, body: str) -> CheckResult:
    (folder / "suite.py").write_text(suite)
    source = f"async def nothing(): pass\nclass Boat: pass\nasync def race(tell=None):\n    {body}\n"
    with Judge(Options(suite=folder / "suite.py", explain=False)) as judge:
        (check,) = judge.judge(kata, Submission(source=source.encode(), filename="solution.py")).checks
    return check


@pytest.mark.parametrize(("value", "declared"), FITTING)
def test_a_value_of_its_type_fits(value: object, declared: Any) -> None:
    assert_type(value, declared)


@pytest.mark.parametrize(("value", "declared"), UNFIT)
def test_a_value_of_another_type_does_not(value: object, declared: Any) -> None:
    assert not fits(value, declared)
    with pytest.raises(Failure, match="should be"):
        assert_type(value, declared)


def test_types_are_told_in_words() -> None:
    assert due(dict[str, list[int]]) == "a dict of str to list of int"
    assert due(str | None) == "a str or None"
    assert due(int) == "an int"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            "'first', []",
            "`place`, which `tell` is given, should be an int, but your code gave 'first' (a str).",
        ),
        (
            "1, [2]",
            "`names`, which `tell` is given, should be a list of str, but your code gave [2] (a list).",
        ),
        ("1, None", "should be a list of str, but your code gave None."),
        ("1, [nothing()]", "should be a list of str, but your code gave"),
        ("nothing(), []", "but your code gave a coroutine that was not awaited: an `await` is missing."),
        ("Boat(), []", "but your code gave an object of the class Boat."),
    ],
)
def test_an_argument_of_another_type_is_the_answers_failure(
    given: str, words: str, kata_4: Kata, tmp_path: Path
) -> None:
    check = judged(kata_4, tmp_path, TELLS, f"await tell({given})")
    assert check.verdict is Verdict.WRONG_ANSWER
    assert words in str(check.rationale)


def test_a_mismatch_is_not_forgiven_where_its_error_is_swallowed(kata_4: Kata, tmp_path: Path) -> None:
    body = "try: await tell('x', [])\n    except Exception: pass"
    assert judged(kata_4, tmp_path, TELLS, body).verdict is Verdict.WRONG_ANSWER


def test_a_wrong_number_of_arguments_is_a_type_error_as_anywhere(kata_4: Kata, tmp_path: Path) -> None:
    check = judged(kata_4, tmp_path, TELLS, "await tell(1)")
    assert check.verdict is Verdict.RUNTIME_ERROR
    assert "missing 1 required positional argument" in str(check.rationale)


@pytest.mark.parametrize("suite", [TAKES_APART, IN_A_LIBRARY])
def test_what_a_suite_cannot_handle_is_the_answers_failure(suite: str, kata_4: Kata, tmp_path: Path) -> None:
    """The author is told in which line of the suite it was."""
    check = judged(kata_4, tmp_path, suite, "return [None]")
    assert check.verdict is Verdict.WRONG_ANSWER
    assert "Your code gave something that the check cannot use: TypeError: " in str(check.rationale)
    assert "(suite.py, line " in str(check.rationale)


@pytest.mark.parametrize("suite", [BROKEN, BROKEN_BEFORE_ANY_CALL])
def test_what_no_value_can_bring_about_is_the_suites_own_error(
    suite: str, kata_4: Kata, tmp_path: Path
) -> None:
    assert judged(kata_4, tmp_path, suite, "return 5").verdict is Verdict.JUDGE_ERROR


def test_long_lists_are_compared_to_their_end_and_shown_where_they_differ() -> None:
    long = list(range(1000))
    assert_all_equal(long, list(long), "The ticks")
    for seen in (long[:-1], [*long[:-1], 7], [*long, 7]):
        with pytest.raises(Failure, match=r"The ticks from number (999|1000) on should be") as failure:
            assert_all_equal(seen, long, "The ticks")
        assert len(str(failure.value)) < 150

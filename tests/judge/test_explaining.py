"""What is said and drawn of a failed check is true to the nanosecond, or is not said."""

from __future__ import annotations

import pytest

from grader.judge.exceptions import rebuild
from grader.judge.explain import explained
from grader.judge.failures import failure_of
from grader.judge.remote import _blocked
from grader.records import BlockedStretch, CheckResult, Exchange, History, Verdict
from grader.wire import ExceptionRecord

MS = 1_000_000
SOURCE = "import asyncio\n"


def best_of_two(best_ms: int | None, turns: int = 1) -> int | None:
    """How long the best run of two requests of 900 and 1,000 ms is drawn, in milliseconds; None for not."""
    exchanges = tuple(
        Exchange(host=host, label="", start_ns=20 * MS, end_ns=(20 + length) * MS)
        for host, length in (("oslo", 900), ("quito", 1000))
    )
    check = CheckResult(
        id="test",
        title="title",
        verdict=Verdict.NOT_CONCURRENT,
        points=0,
        max_points=1,
        best_virtual_ns=None if best_ms is None else best_ms * MS,
    )
    best = explained(check, History(exchanges=exchanges, turns=turns), SOURCE, ()).best
    return None if best is None else best.makespan_ns // MS


def test_the_way_there_and_back_is_part_of_what_is_possible() -> None:
    """A drawing ends when the text says that it can, and not when the last answer has left."""
    assert best_of_two(1080) == 1080


def test_independent_requests_are_drawn_though_no_time_is_known() -> None:
    assert best_of_two(None) == 1000


def test_a_drawing_that_would_promise_too_much_is_left_out() -> None:
    """The suite knows that these cannot overlap like that, or it made its calls in turn."""
    assert best_of_two(1900) is None
    assert best_of_two(1080, turns=2) is None


@pytest.mark.parametrize(
    ("late_ms", "words"),
    [
        (930, "1 s in `time.sleep(1)`"),  # the beat came in the midst of it
        (1000, "1 s in `time.sleep(1)`"),
        (3000, "3 s, among others in `time.sleep(1)`"),
    ],
)
def test_how_long_the_loop_was_blocked_fits_what_blocked_it(late_ms: int, words: str) -> None:
    stretch = BlockedStretch(what="time.sleep(1)", line=3, function="read", start_ns=0, end_ns=1000 * MS)
    assert _blocked(late_ms * MS, stretch) == words


def test_a_blocked_loop_of_which_nothing_else_is_known_has_its_length() -> None:
    assert _blocked(930 * MS, None) == "930 ms"


def raised(kind: str, message: str) -> str:
    record = ExceptionRecord((kind, "OSError", "Exception"), message, (), (), (), ())
    return str(failure_of(rebuild(record)))


def test_a_program_that_looks_for_files_is_told_that_there_are_none() -> None:
    """The sandbox answers as a system does, and nobody would guess that it was the grader."""
    for kind in ("PermissionError", "FileNotFoundError"):
        assert "none of this machine's files and programs" in raised(kind, "debug.txt")
    assert "files" not in raised("ConnectionError", "refused")

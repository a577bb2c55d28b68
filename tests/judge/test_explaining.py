"""What is drawn beside a failed check: the best possible run, as long as the suite says that it is."""

from __future__ import annotations

from grader.judge.explain import explained
from grader.records import CheckResult, Exchange, History, Verdict

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

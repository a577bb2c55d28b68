"""What a hidden suite imports: times, marks, and assertions worded for learners.

The fixtures `kata`, `net`, `clock` and `rng` come from the judge; a suite is otherwise plain
pytest-asyncio. An assertion here raises `Failure`, which carries the verdict, so that a learner is
told not only that a check failed but what kind of mistake it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from grader.records import Exchange, Verdict
from grader.testing.declared import GuestObject, due, fits
from grader.trace.axis import format_ns
from grader.trace.concurrency import peak_in_flight

if TYPE_CHECKING:
    import pytest  # imported where a mark is made: the judge starts its zygote before pytest

__all__ = [
    "Failure",
    "Verdict",
    "allowing",
    "an_instant",
    "assert_all_equal",
    "assert_at",
    "assert_equal",
    "assert_overlaps",
    "assert_peak",
    "assert_took",
    "assert_type",
    "blocking",
    "check",
    "clear_of",
    "clock_is_exact",
    "explore",
    "forgiven",
    "is_late",
    "is_off",
    "leave_out_unless_exact",
    "long_s",
    "milliseconds",
    "points",
    "seconds",
    "show_ns",
    "slack_us",
    "too_close",
]

NS_PER_SECOND = 1_000_000_000
F = TypeVar("F", bound=Callable[..., Any])
MAX_SHOWN = 300
MANY_SHOWN = 12
"""Of a long list, so many items are shown."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""What `repr` adds to objects without a name of their own; it differs from run to run."""


def seconds(count: float) -> int:
    """Seconds as whole nanoseconds, the unit of every time here."""
    return round(count * NS_PER_SECOND)


def milliseconds(count: float) -> int:
    """Milliseconds as whole nanoseconds."""
    return round(count * 1_000_000)


def show_ns(length_ns: int) -> str:
    """A length of virtual time in words: `1.5 s`, `20 ms`."""
    return format_ns(length_ns)


# -- marks -----------------------------------------------------------------------------------------
def points(count: float) -> pytest.MarkDecorator:
    """Weigh a check: `@points(2)`. A check without it is worth one point."""
    import pytest

    return pytest.mark.points(count)


def explore(seeds: int = 50) -> pytest.MarkDecorator:
    """Run a check under that many seeds, so under other draws of `rng`; the first that fails is named."""
    import pytest

    return pytest.mark.explore(seeds)


# -- callables -------------------------------------------------------------------------------------
def blocking(function: F) -> F:
    """Have the guest see this coroutine function as an ordinary one that blocks while it runs here."""
    function.blocks_the_guest = True  # type: ignore[attr-defined]  # read by the judge when it hands it over
    return function


# -- tolerance -----------------------------------------------------------------------------------
_tolerance_ns = 0
_allowed_ns = 0
SLACK_PART = 4
MAX_DRAWS = 100


@contextmanager
def tolerating(tolerance_ns: int) -> Iterator[None]:
    """Let times be off by so much, as on the real clock they are; on the virtual one it is 0."""
    global _tolerance_ns
    before, _tolerance_ns = _tolerance_ns, tolerance_ns
    try:
        yield
    finally:
        _tolerance_ns = before


@contextmanager
def allowing(length_ns: int) -> Iterator[None]:
    """Let times be off by so much on every clock, since the kata's statement allows it."""
    global _allowed_ns
    before, _allowed_ns = _allowed_ns, length_ns
    try:
        yield
    finally:
        _allowed_ns = before


def clock_is_exact() -> bool:
    """Whether times are exact, as on the virtual clock; on the real one they hold within a tolerance."""
    return not _tolerance_ns


def is_late(seen_ns: int, expected_ns: int) -> bool:
    """Whether an instant or a length is over what was expected, beyond the tolerance in force."""
    return seen_ns > expected_ns + _tolerance_ns + _allowed_ns


def is_off(seen_ns: int, expected_ns: int) -> bool:
    """Whether an instant or a length is not what was expected, be it more or less, beyond the tolerance."""
    return is_late(seen_ns, expected_ns) or is_late(expected_ns, seen_ns)


def too_close(one_ns: int, other_ns: int) -> bool:
    """Whether two instants differ, but by so little that either may come first; never on the virtual clock.

    Where it is so, what was seen decides which was first.
    """
    return one_ns != other_ns and not is_off(one_ns, other_ns)


def forgiven(seen_ns: Sequence[int], expected_ns: Sequence[int]) -> list[int]:
    """The instants or lengths that were seen, each as it was expected where it is not off: to compare."""
    rest = list(seen_ns[len(expected_ns) :])
    pairs = zip(seen_ns, expected_ns, strict=False)
    return [seen if is_off(seen, expected) else expected for seen, expected in pairs] + rest


def slack_us() -> int:
    """How far (us) what the suite does should be from what happens by itself, for all to know which is first.

    On the virtual clock 0: a microsecond will do there. On the real one a quarter of the tolerance, which
    is rarely used up.
    """
    return _tolerance_ns // SLACK_PART // 1000


def clear_of(draw: Callable[[], int], *others: int, unit_ns: int = 1000) -> int:
    """An instant from `draw()` that is not within `slack_us` of any other; in microseconds, as they are.

    On the virtual clock it is the first draw. On the real one the check is left out if none will do.
    """
    slack_ns = slack_us() * 1000
    at = draw()
    for _ in range(MAX_DRAWS):
        if not any(abs(at - other) * unit_ns < slack_ns for other in others):
            return at
        at = draw()
    leave_out_unless_exact("it needs instants that lie closer together than the real clock can tell")
    return at


def long_s(length_s: float, real_s: float = 2.0) -> float:
    """A length in seconds that is long because it costs nothing; on the real clock at most `real_s`.

    For how long a suite looks on to see that nothing happens any more, and for what outlasts a time
    limit of the learner's own: what only shows later than `real_s` is not found on the real clock.
    """
    return length_s if clock_is_exact() else min(length_s, real_s)


async def an_instant() -> None:
    """Wait until all that is due now has happened: a microsecond, on the real clock the tolerance."""
    import asyncio  # here, since the judge starts its zygote before it

    await asyncio.sleep(1e-6 if clock_is_exact() else _tolerance_ns / NS_PER_SECOND)


def leave_out_unless_exact(why: str) -> None:
    """Leave the check out on the real clock; `why` begins with `it`. Nothing on the virtual one."""
    if not clock_is_exact():
        import pytest

        pytest.skip(f"not to be had on the real clock: {why}")


# -- failures --------------------------------------------------------------------------------------
class Failure(AssertionError):
    """The learner's code failed a check. `verdict` says how, the message says what in words.

    `line` is the learner's line, where known; `misconception` names the entry of the catalogue
    where the suite knows better than the trace.
    """

    def __init__(
        self,
        message: str,
        *,
        verdict: Verdict = Verdict.WRONG_ANSWER,
        line: int | None = None,
        misconception: str | None = None,
    ) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.line = line
        self.misconception = misconception


class Timed(Protocol):
    """What the time assertions ask of the `kata` fixture."""

    @property
    def elapsed_ns(self) -> int:
        """Virtual time from the start of the last call to its end."""

    def expect_best(self, best_ns: int) -> None:
        """Note the best possible, for the report."""


class Observed(Protocol):
    """What the overlap assertions ask of the `net` fixture."""

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request that the judge's side saw, in order of arrival."""


def shown(value: object) -> str:
    """A value for a message, cut to a length that a person reads, and the same in every run."""
    text = _ADDRESS.sub("", repr(value))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"


def check(truth: object, message: str, verdict: Verdict = Verdict.WRONG_ANSWER, **more: Any) -> None:
    """Fail with that message and verdict unless `truth` holds."""
    if not truth:
        raise Failure(message, verdict=verdict, **more)


def same(seen: object, expected: object) -> bool:
    """Whether two values are equal; of exceptions and of NaN, which never are, whether they are alike."""
    if isinstance(expected, BaseException):
        return type(seen).__name__ == type(expected).__name__ and str(seen) == str(expected)
    if isinstance(expected, list | tuple) and type(seen) is type(expected):
        return len(seen) == len(expected) and all(map(same, seen, expected))
    if isinstance(expected, dict) and isinstance(seen, dict):
        return seen.keys() == expected.keys() and all(same(seen[key], expected[key]) for key in expected)
    return bool(seen == expected) or (seen != seen and expected != expected)


def assert_equal(seen: object, expected: object, what: str = "The result") -> None:
    """The answer is the right one. `what` begins the sentence: `The readings`."""
    if not same(seen, expected):
        raise Failure(f"{what} should be {shown(expected)}, but your code gave {shown(seen)}.")


def assert_all_equal(seen: Sequence[object], expected: Sequence[object], what: str) -> None:
    """Two long lists are the same, all through; the message shows only where they begin to differ."""
    at = next((n for n, pair in enumerate(zip(seen, expected, strict=False)) if pair[0] != pair[1]), None)
    if at is None and len(seen) != len(expected):
        at = min(len(seen), len(expected))
    if at is not None:
        parts = slice(at, at + MANY_SHOWN)
        assert_equal(list(seen[parts]), list(expected[parts]), f"{what} from number {at} on")


def assert_type(value: object, declared: Any, what: str = "The result") -> None:
    """A value of the learner's is of that type, all through: before a suite takes it apart.

    `declared` is a type as in an annotation. What the callables of a suite are given is checked so for it.
    """
    if fits(value, declared):
        return
    sentence, misconception = f"{what} should be {due(declared)}, but your code gave", None
    if not isinstance(value, GuestObject):
        given = shown(value) if value is None else f"{shown(value)} ({due(type(value))})"
    elif value.guest_type == "coroutine":
        given, misconception = "a coroutine that was not awaited: an `await` is missing", "never_awaited"
    else:
        given = f"an object of the class {value.guest_type[:MAX_SHOWN]}"
    raise Failure(f"{sentence} {given}.", misconception=misconception)


def assert_took(
    kata: Timed, best_ns: int, *, verdict: Verdict = Verdict.NOT_CONCURRENT, why: str = ""
) -> None:
    """The last call took exactly the best possible virtual time: not a nanosecond more or less."""
    kata.expect_best(best_ns)
    took_ns = kata.elapsed_ns
    if is_late(took_ns, best_ns):
        text = f"It took {format_ns(took_ns)}; {format_ns(best_ns)} is possible. {why}"
        raise Failure(text.strip(), verdict=verdict)
    if is_late(best_ns, took_ns):
        raise Failure(
            f"It took only {format_ns(took_ns)}, though the work cannot be done in less than"
            f" {format_ns(best_ns)}: something was left out, or not waited for. {why}".strip()
        )


def assert_overlaps(net: Observed, peak: int, what: str = "requests") -> None:
    """At least `peak` exchanges were in flight at once."""
    seen = peak_in_flight(net.exchanges)
    if not net.exchanges:
        text = f"No {what} were made at all; {peak} could be in flight at once."
        raise Failure(text, verdict=Verdict.NOT_CONCURRENT)
    if seen < peak:
        text = f"At most {seen} of {len(net.exchanges)} {what} were in flight at once; {peak} could be."
        raise Failure(text, verdict=Verdict.NOT_CONCURRENT)


def assert_peak(net: Observed, limit: int, what: str = "requests") -> None:
    """Exactly `limit` exchanges were in flight at the busiest instant: no more, and no fewer."""
    seen = peak_in_flight(net.exchanges)
    if seen > limit:
        raise Failure(f"{seen} {what} were in flight at once; at most {limit} are allowed.")
    assert_overlaps(net, limit, what)


def assert_at(seen_ns: Iterable[int], expected_ns: Iterable[int], what: str = "Events") -> None:
    """Things happened at exactly these instants."""
    seen, expected = list(seen_ns), list(expected_ns)
    if len(seen) != len(expected) or any(is_off(a, b) for a, b in zip(seen, expected, strict=True)):
        raise Failure(
            f"{what} should be at {', '.join(map(format_ns, expected[:MANY_SHOWN]))},"
            f" but were at {', '.join(map(format_ns, seen[:MANY_SHOWN])) or 'no time at all'}.",
            verdict=Verdict.NOT_CONCURRENT if seen > expected else Verdict.WRONG_ANSWER,
        )

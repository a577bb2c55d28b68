"""What suites compare times with: exact on the virtual clock, forgiving on the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from grader import testing
from grader.testing import (
    Failure,
    an_instant,
    assert_at,
    clear_of,
    clock_is_exact,
    forgiven,
    is_late,
    is_off,
    leave_out_unless_exact,
    long_s,
    slack_us,
    tolerating,
    too_close,
)

TOLERANCE_NS = 250_000_000
DUE_NS = 1_000_000_000


def drawing(*instants: int) -> Callable[[], int]:
    """Draws these in turn, and then the last one for ever."""
    rest = list(instants)
    return lambda: rest.pop(0) if len(rest) > 1 else rest[0]


# -- tolerance 0 -----------------------------------------------------------------------------------
def test_on_the_virtual_clock_a_nanosecond_counts() -> None:
    assert clock_is_exact()
    assert not is_off(DUE_NS, DUE_NS)
    assert is_off(DUE_NS + 1, DUE_NS)
    assert is_off(DUE_NS - 1, DUE_NS)
    assert is_late(DUE_NS + 1, DUE_NS)
    assert not is_late(DUE_NS - 1, DUE_NS)
    with pytest.raises(Failure):
        assert_at([DUE_NS + 1], [DUE_NS])


def test_on_the_virtual_clock_no_instants_are_too_close() -> None:
    for other_ns in (DUE_NS - 1, DUE_NS, DUE_NS + 1):
        assert not too_close(DUE_NS, other_ns)


def test_on_the_virtual_clock_nothing_is_forgiven() -> None:
    for seen_ns in ([], [DUE_NS], [DUE_NS - 1, 2 * DUE_NS + 1, 5]):
        assert forgiven(seen_ns, [DUE_NS, 2 * DUE_NS]) == seen_ns


def test_on_the_virtual_clock_the_first_draw_will_do() -> None:
    assert slack_us() == 0
    assert clear_of(drawing(7, 9), 7) == 7


async def virtual_sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []

    async def sleep(length_s: float) -> None:
        slept.append(length_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await an_instant()
    return slept


def test_on_the_virtual_clock_lengths_are_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert long_s(100) == 100
    assert long_s(100, real_s=5) == 100
    assert asyncio.run(virtual_sleeps(monkeypatch)) == [1e-6]


def test_on_the_virtual_clock_nothing_is_left_out() -> None:
    leave_out_unless_exact("it needs exact times")


# -- a tolerance in force --------------------------------------------------------------------------
def test_within_the_tolerance_an_instant_is_not_off() -> None:
    with tolerating(TOLERANCE_NS):
        assert not clock_is_exact()
        for away_ns in (0, TOLERANCE_NS, -TOLERANCE_NS):
            assert not is_off(DUE_NS + away_ns, DUE_NS)
            assert_at([DUE_NS + away_ns], [DUE_NS])
        for away_ns in (TOLERANCE_NS + 1, -TOLERANCE_NS - 1):
            assert is_off(DUE_NS + away_ns, DUE_NS)
            with pytest.raises(Failure):
                assert_at([DUE_NS + away_ns], [DUE_NS])


def test_different_instants_within_the_tolerance_are_too_close() -> None:
    with tolerating(TOLERANCE_NS):
        assert too_close(DUE_NS, DUE_NS + TOLERANCE_NS)
        assert too_close(DUE_NS, DUE_NS - TOLERANCE_NS)
        assert not too_close(DUE_NS, DUE_NS)
        assert not too_close(DUE_NS, DUE_NS + TOLERANCE_NS + 1)


def test_what_is_not_off_is_forgiven_and_nothing_else() -> None:
    expected_ns = [DUE_NS, 2 * DUE_NS]
    with tolerating(TOLERANCE_NS):
        assert forgiven([DUE_NS + 5, 2 * DUE_NS - 5], expected_ns) == expected_ns
        off_ns = 2 * DUE_NS + TOLERANCE_NS + 1
        assert forgiven([DUE_NS + 5, off_ns], expected_ns) == [DUE_NS, off_ns]


def test_one_too_few_or_too_many_is_not_forgiven() -> None:
    with tolerating(TOLERANCE_NS):
        assert forgiven([DUE_NS + 5], [DUE_NS, 2 * DUE_NS]) == [DUE_NS]
        assert forgiven([DUE_NS + 5, 7], [DUE_NS]) == [DUE_NS, 7]


def test_instants_are_drawn_until_one_is_clear_of_the_others() -> None:
    with tolerating(TOLERANCE_NS):
        slack = slack_us()
        assert 0 < slack * 1000 < TOLERANCE_NS
        others = (0, 1_000_000)
        close = (slack - 1, 1_000_000 + slack - 1, 1_000_000 - slack + 1)
        assert clear_of(drawing(*close, slack, 5), *others) == slack
        slack_ns = slack * 1000
        assert clear_of(drawing(slack, slack_ns - 1, slack_ns, 5), 0, unit_ns=1) == slack_ns


def test_a_check_is_left_out_when_no_draw_is_clear() -> None:
    with tolerating(TOLERANCE_NS), pytest.raises(pytest.skip.Exception, match="closer together"):
        clear_of(drawing(7), 7)


def test_what_is_long_is_cut_on_the_real_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    with tolerating(TOLERANCE_NS):
        assert long_s(100, real_s=5) == 5
        assert long_s(3, real_s=5) == 3
        assert long_s(100) < 100
        assert asyncio.run(virtual_sleeps(monkeypatch)) == [TOLERANCE_NS / testing.NS_PER_SECOND]


def test_a_check_that_needs_exact_times_is_left_out_with_its_reason() -> None:
    with tolerating(TOLERANCE_NS), pytest.raises(pytest.skip.Exception, match="it needs exact times"):
        leave_out_unless_exact("it needs exact times")


def test_the_tolerance_is_over_with_the_check() -> None:
    with pytest.raises(ZeroDivisionError), tolerating(TOLERANCE_NS):
        raise ZeroDivisionError
    assert clock_is_exact()

"""Instants in words and on a scale."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.trace.axis import column, format_ns, ticks


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 s"),
        (1, "1 ns"),
        (1_500, "1.5 us"),
        (250_000_000, "250 ms"),
        (1_000_000_000, "1 s"),
        (1_500_000_000, "1.5 s"),
        (1_050_000_000, "1.05 s"),
        (10_000_000_000, "10 s"),
        (-2_000_000_000, "-2 s"),
    ],
)
def test_exact_values_are_written_short(ns: int, text: str) -> None:
    assert format_ns(ns) == text


@pytest.mark.parametrize(
    ("ns", "text"), [(1_000_000_001, "1.000 s"), (1_234_567_890, "1.235 s"), (9_999_999_999, "10.000 s")]
)
def test_a_rounded_value_keeps_its_zeros_and_so_shows_that_it_is_not_exact(ns: int, text: str) -> None:
    assert format_ns(ns) == text


@given(st.integers(0, 10**15), st.integers(2, 12))
def test_ticks_start_at_zero_stay_on_the_scale_and_are_even_and_few(makespan: int, at_most: int) -> None:
    found = ticks(makespan, at_most)
    assert found[0] == 0
    assert found[-1] <= makespan
    assert 1 <= len(found) <= at_most
    assert len({b - a for a, b in itertools.pairwise(found)}) <= 1
    if makespan >= at_most:
        assert len(found) * 5 >= at_most


@given(st.integers(-5, 10**12), st.integers(0, 10**12), st.integers(1, 200))
def test_a_column_lies_on_the_scale(at: int, makespan: int, width: int) -> None:
    assert 0 <= column(at, makespan, width) <= width
    assert column(makespan, makespan, width) == (width if makespan else 0)

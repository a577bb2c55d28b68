"""What overlapped and what could have, against brute force."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.records import Exchange
from grader.trace.concurrency import critical_path, lengths_of, peak_in_flight, scheduled

INSTANTS = st.integers(0, 12)


def exchange(start: int, end: int | None, label: str = "x") -> Exchange:
    return Exchange(host="host", label=label, start_ns=start, end_ns=end)


@st.composite
def exchanges(draw: st.DrawFn, most: int = 7, open_ended: bool = True) -> list[Exchange]:
    found = []
    for number in range(draw(st.integers(0, most))):
        start = draw(INSTANTS)
        end: int | None = start + draw(INSTANTS)
        if open_ended and draw(st.integers(0, 5)) == 0:
            end = None
        found.append(exchange(start, end, f"r{number}"))
    return found


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Exchange], dict[str, list[str]]]:
    """Requests and needs without circles: each may need only those named before it."""
    requests = draw(exchanges())
    needs = {
        request.label: [earlier.label for earlier in requests[:number] if draw(st.booleans())]
        for number, request in enumerate(requests)
    }
    return requests, needs


def brute_peak(requests: list[Exchange]) -> int:
    """The count at every instant, one instant at a time."""
    counts = [0]
    for at in range(40):
        long = sum(r.start_ns <= at and (r.end_ns is None or at < r.end_ns) for r in requests)
        counts.append(long + any(r.start_ns == at == r.end_ns for r in requests))
    return max(counts)


def brute_finish(
    requests: list[Exchange], needs: dict[str, list[str]], seen: tuple[str, ...] = ()
) -> dict[str, int]:
    """When each ends if all start as early as possible, by plain recursion over what each needs."""
    lengths = dict(zip([r.label for r in requests], lengths_of(requests), strict=True))

    def finish(label: str) -> int:
        return lengths[label] + max((finish(need) for need in needs[label]), default=0)

    return {label: finish(label) for label in lengths}


@given(exchanges())
def test_the_peak_is_the_most_at_any_instant(requests: list[Exchange]) -> None:
    assert peak_in_flight(requests) == brute_peak(requests)


def test_a_request_that_starts_when_another_ends_does_not_overlap_it() -> None:
    assert peak_in_flight([exchange(0, 5), exchange(5, 9)]) == 1


def test_requests_of_no_length_earn_no_overlap_among_themselves() -> None:
    assert peak_in_flight([exchange(3, 3), exchange(3, 3)]) == 1
    assert peak_in_flight([exchange(3, 3), exchange(0, 5)]) == 2


@given(graphs())
def test_without_a_bound_everything_starts_as_soon_as_what_it_needs_has_ended(
    graph: tuple[list[Exchange], dict[str, list[str]]],
) -> None:
    requests, needs = graph
    ends = brute_finish(requests, needs)
    assert {done.label: done.end_ns for done in scheduled(requests, needs)} == ends


@given(graphs())
def test_the_critical_path_is_a_chain_and_as_long_as_the_best_possible_run(
    graph: tuple[list[Exchange], dict[str, list[str]]],
) -> None:
    requests, needs = graph
    path = critical_path(requests, needs)
    lengths = dict(zip([r.label for r in requests], lengths_of(requests), strict=True))
    assert all(one.label in needs[two.label] for one, two in pairwise(path))
    assert sum(lengths[step.label] for step in path) == max(brute_finish(requests, needs).values(), default=0)


@given(graphs(), st.integers(1, 4))
def test_a_bound_is_kept_and_nothing_starts_before_what_it_needs(
    graph: tuple[list[Exchange], dict[str, list[str]]], at_most: int
) -> None:
    requests, needs = graph
    done = scheduled(requests, needs, at_most)
    by_label = {each.label: each for each in done}
    long = [each for each in done if each.end_ns != each.start_ns]
    assert peak_in_flight(long) <= at_most
    assert [each.end_ns - each.start_ns for each in done if each.end_ns is not None] == lengths_of(requests)
    for each in done:
        assert all((by_label[need].end_ns or 0) <= each.start_ns for need in needs[each.label])


@given(exchanges(most=5, open_ended=False), st.integers(1, 3))
def test_a_bounded_schedule_stays_within_twice_the_optimum(requests: list[Exchange], at_most: int) -> None:
    lengths = lengths_of(requests)
    optimum = min(_greedy_end(order, at_most) for order in permutations(lengths))
    assert (
        optimum <= max((e.end_ns or 0 for e in scheduled(requests, None, at_most)), default=0) <= 2 * optimum
    )


def _greedy_end(lengths: tuple[int, ...], at_most: int) -> int:
    """Where the last of these ends if each takes the first free of `at_most` places."""
    places = [0] * at_most
    for length in lengths:
        places[places.index(min(places))] += length
    return max(places)


def test_needs_that_go_round_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        scheduled([exchange(0, 1, "a"), exchange(0, 1, "b")], {"a": ["b"], "b": ["a"]})


def test_a_bound_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        scheduled([exchange(0, 1)], None, 0)


def test_needs_of_labels_never_seen_are_no_obstacle() -> None:
    assert scheduled([exchange(5, 7, "a")], {"a": ["never asked"]})[0].end_ns == 2


def test_every_request_of_a_needed_label_must_have_ended() -> None:
    requests = [exchange(0, 2, "milk"), exchange(0, 5, "milk"), exchange(9, 10, "coffee")]
    assert scheduled(requests, {"coffee": ["milk"]})[2].start_ns == 5

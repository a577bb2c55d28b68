"""How much overlapped, and how much could have: exact integer answers about requests.

A request is in flight in the half-open interval from its start to its end, so one that starts at
the instant at which another ends does not overlap it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from grader.records import Exchange

Needs = Mapping[str, Sequence[str]]
"""Per label, the labels whose requests must all have ended before it may start."""


def peak_in_flight(exchanges: Iterable[Exchange]) -> int:
    """The most requests that were in flight at one instant.

    A request of no length is in flight at its own instant, but never together with another of no
    length: nothing shows that the two were not one after the other, so they earn no overlap.
    """
    steps: list[tuple[int, int, int]] = []
    for exchange in exchanges:
        start, end = exchange.start_ns, exchange.end_ns
        if end is not None and end <= start:
            steps.append((start, 2, 0))
            continue
        steps.append((start, 1, +1))
        if end is not None:
            steps.append((end, 0, -1))  # ends come first within an instant: the interval is half-open
    now = peak = 0
    for _, kind, change in sorted(steps):
        now += change
        peak = max(peak, now + (kind == 2))
    return peak


def lengths_of(exchanges: Sequence[Exchange]) -> list[int]:
    """Each request's own length in ns; one still in flight lasted to the last instant seen."""
    last = max((e.start_ns if e.end_ns is None else e.end_ns for e in exchanges), default=0)
    return [max(0, (last if e.end_ns is None else e.end_ns) - e.start_ns) for e in exchanges]


def needs_of(exchanges: Iterable[Exchange]) -> Needs:
    """What the exchanges themselves say of their needs."""
    found: dict[str, tuple[str, ...]] = {}
    for exchange in exchanges:
        known = found.get(exchange.label, ())
        found[exchange.label] = (*known, *(need for need in exchange.needs if need not in known))
    return found


def critical_path(exchanges: Sequence[Exchange], needs: Needs | None = None) -> tuple[Exchange, ...]:
    """The chain of requests, each needing the one before, that takes longest: no run can be shorter.

    `needs` are those that the exchanges tell of themselves unless given. Without any it is the longest
    request alone. Of equal chains the one seen first is taken.
    Raises ValueError if the needs go round in a circle.
    """
    graph = _Graph(exchanges, needs_of(exchanges) if needs is None else needs)
    path: list[Exchange] = []
    choices: Sequence[int] = range(len(exchanges))
    while choices:
        longest = max(choices, key=lambda index: (graph.tails[index], -index))
        path.append(exchanges[longest])
        choices = graph.followers(longest)
    return tuple(path)


def scheduled(
    exchanges: Sequence[Exchange], needs: Needs | None = None, at_most: int | None = None
) -> tuple[Exchange, ...]:
    """The same requests at their own lengths, each started as early as `needs` and the bound allow.

    `needs` are those that the exchanges tell of themselves unless given.
    `at_most` is how many may be in flight at once (1 or more; None: all). Without it the result is
    the optimum: it ends when the critical path does. With it, requests are started in order of the
    longest chain that hangs on them, then as seen (list scheduling), which is deterministic and
    ends within twice the optimum; finding the optimum itself is NP-hard.
    Raises ValueError for a bound below 1 and for needs that go round in a circle.
    """
    if at_most is not None and at_most < 1:
        raise ValueError(f"at_most must be 1 or more, not {at_most}")
    graph = _Graph(exchanges, needs_of(exchanges) if needs is None else needs)
    waiting_for, unended = list(graph.needed), dict(graph.count)
    ready = [(-graph.tails[i], i) for i, count in enumerate(waiting_for) if not count]
    heapq.heapify(ready)
    running: list[tuple[int, int]] = []
    starts = [0] * len(exchanges)
    now = 0
    while ready or running:
        while ready and (at_most is None or len(running) < at_most):
            _, index = heapq.heappop(ready)
            starts[index] = now
            heapq.heappush(running, (now + graph.lengths[index], index))
        now = running[0][0]
        while running and running[0][0] == now:
            _, ended = heapq.heappop(running)
            for follower in graph.freed_by(ended, waiting_for, unended):
                heapq.heappush(ready, (-graph.tails[follower], follower))
    return tuple(
        msgspec.structs.replace(exchange, start_ns=start, end_ns=start + length)
        for exchange, start, length in zip(exchanges, starts, graph.lengths, strict=True)
    )


class _Graph:
    """The requests as a graph, by index: who follows whom, and how long the longest chain from each is.

    Its edges are between labels and not between requests, of which a submission makes as many as it likes.
    """

    def __init__(self, exchanges: Sequence[Exchange], needs: Needs) -> None:
        self.lengths = lengths_of(exchanges)
        self._labels = [exchange.label for exchange in exchanges]
        self.count = Counter(self._labels)
        """How many requests there are of each label."""
        needed = {
            label: [need for need in dict.fromkeys(needs.get(label, ())) if need in self.count]
            for label in self.count
        }
        self.needed = [len(needed[label]) for label in self._labels]
        """Per request, how many labels it waits for."""
        of_label: dict[str, list[int]] = {label: [] for label in self.count}
        for index, label in enumerate(self._labels):
            of_label[label].append(index)
        self._followers: dict[str, list[int]] = {label: [] for label in self.count}
        for label, before in needed.items():
            for need in before:
                self._followers[need] += of_label[label]
        for followers in self._followers.values():
            followers.sort()
        self.tails = self._tails()

    def followers(self, index: int) -> Sequence[int]:
        """The requests that need this one, in order."""
        return self._followers[self._labels[index]]

    def freed_by(self, index: int, waiting_for: list[int], unended: dict[str, int]) -> Iterator[int]:
        """Note that a request has ended; those that wait for no other label any more.

        `waiting_for` and `unended` are the caller's: what is left of `needed` and of `count`.
        """
        label = self._labels[index]
        unended[label] -= 1
        if not unended[label]:
            for follower in self._followers[label]:
                waiting_for[follower] -= 1
                if not waiting_for[follower]:
                    yield follower

    def _tails(self) -> list[int]:
        """Per request, its length and that of the longest chain after it."""
        order = self._in_order()
        if len(order) < len(self.needed):
            raise ValueError("the needs go round in a circle")
        tails = list(self.lengths)
        after: dict[str, int] = {}
        for index in reversed(order):
            label = self._labels[index]
            if label not in after:  # all that follow it stand behind it, and have been seen
                after[label] = max((tails[follower] for follower in self._followers[label]), default=0)
            tails[index] += after[label]
        return tails

    def _in_order(self) -> list[int]:
        """Every request after those it needs; requests on a circle are left out."""
        waiting_for, unended = list(self.needed), dict(self.count)
        order = [index for index, count in enumerate(waiting_for) if not count]
        for index in order:  # grows as it is walked
            order.extend(self.freed_by(index, waiting_for, unended))
        return order

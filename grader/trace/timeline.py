"""From a history to a timeline: one lane per task, or per request where tasks tell too little.

Virtual time passes only between two snapshots, so what a snapshot says of a task holds, exactly,
until the next one. The lanes are therefore the whole history and not a sample of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence

from grader.records import BlockedStretch, Exchange, History, Snapshot, Span, TaskState, Timeline
from grader.trace.concurrency import Needs, peak_in_flight, scheduled

LOOP_LANE = "event loop"
"""Where a blocking call is drawn when no task can be named as the one that made it."""

MOST_LANES = 256
"""A timeline is stored with its judgement and read by people: beyond this, lanes are only counted."""
MOST_SPANS = 2_000
"""Of all lanes together: where there are more, each lane shows its share, from its beginning."""


def timeline_of(history: History) -> Timeline:
    """What happened, drawn from its first instant: `start_ns` 0 is where the history begins.

    Spans are grouped by lane, lanes in order of first appearance, equal neighbours merged. A task
    still waiting at the very last instant has an empty span there: it is where a deadlock shows.
    """
    snapshots = sorted(history.snapshots, key=lambda snapshot: snapshot.at_ns)
    end_ns = _end(history, snapshots)
    lanes = _task_lanes(snapshots, end_ns)
    _mark_blocked(lanes, history.blocked, snapshots)
    if len(lanes) <= 1:
        for span in _request_spans(history.exchanges, end_ns, taken=lanes):
            lanes.setdefault(span.lane, []).append(span)
    return _drawn(lanes, peak_in_flight(history.exchanges))


def best_of(
    exchanges: Sequence[Exchange], needs: Needs | None = None, at_most: int | None = None
) -> Timeline:
    """The best possible for these requests: each as long as it was seen to be, as early as allowed.

    `needs` and `at_most` are those of `scheduled`, which also says what is raised and how exact it is.
    """
    best = scheduled(exchanges, needs, at_most)
    lanes: dict[str, list[Span]] = {}
    for span in _request_spans(best, 0):
        lanes.setdefault(span.lane, []).append(span)
    return _drawn(lanes, peak_in_flight(best))


def _drawn(lanes: dict[str, list[Span]], peak: int) -> Timeline:
    """The timeline of these lanes: moved to start at 0, empty lanes dropped, the rest capped."""
    kept = {lane: spans for lane, spans in lanes.items() if spans}
    everything = [span for spans in kept.values() for span in spans]
    origin = min((span.start_ns for span in everything), default=0)
    shown = sorted(kept, key=lambda lane: min(span.start_ns for span in kept[lane]))[:MOST_LANES]
    is_too_much = sum(len(kept[lane]) for lane in shown) > MOST_SPANS
    share = MOST_SPANS // len(shown) if is_too_much else None
    return Timeline(
        spans=tuple(_moved(span, -origin) for lane in shown for span in kept[lane][:share]),
        makespan_ns=max((span.end_ns for span in everything), default=0) - origin,
        peak_in_flight=peak,
        lanes_left_out=len(kept) - len(shown),
    )


def _request_spans(exchanges: Sequence[Exchange], end_ns: int, taken: Collection[str] = ()) -> Iterator[Span]:
    """One span per request, each in a lane of its own, in order of start.

    `end_ns` closes those still in flight; `taken` are lanes' names that must not be used again.
    """
    pairs = zip(exchanges, _lane_names(exchanges, taken), strict=True)
    for exchange, lane in sorted(pairs, key=lambda pair: pair[0].start_ns):
        end = max(end_ns if exchange.end_ns is None else exchange.end_ns, exchange.start_ns)
        label = ": ".join(part for part in (exchange.host, exchange.label) if part)
        yield Span(lane=lane, kind="request", start_ns=exchange.start_ns, end_ns=end, label=label)


def _lane_names(exchanges: Sequence[Exchange], taken: Collection[str]) -> list[str]:
    """A name for each request's lane: its label, or its host where hosts tell more apart.

    Of equal names the later ones are numbered in the order given, so that a request has the same
    name in the learner's run and in the best possible one.
    """
    hosts, labels = {each.host for each in exchanges}, {each.label for each in exchanges}
    names: list[str] = []
    used = dict.fromkeys(taken, 1)
    for exchange in exchanges:
        told = exchange.host if len(hosts) > len(labels) else exchange.label
        name = told or exchange.label or exchange.host or "request"
        used[name] = used.get(name, 0) + 1
        lane = name if used[name] == 1 else f"{name} #{used[name]}"
        while lane != name and lane in used:
            lane += "*"  # another request's name looks like this one's number
        used.setdefault(lane, 1)
        names.append(lane)
    return names


def _end(history: History, snapshots: Sequence[Snapshot]) -> int:
    """The last instant of which the history tells anything."""
    instants = [snapshot.at_ns for snapshot in snapshots]
    instants += [stretch.end_ns for stretch in history.blocked]
    instants += [exchange.start_ns for exchange in history.exchanges]
    instants += [exchange.end_ns for exchange in history.exchanges if exchange.end_ns is not None]
    return max(instants, default=0)


def _task_lanes(snapshots: Sequence[Snapshot], end_ns: int) -> dict[str, list[Span]]:
    """Each task's spans. Tasks that never stood on a line of the learner's are not theirs: left out."""
    lanes: dict[str, list[Span]] = {}
    theirs = {state.task for snapshot in snapshots for state in snapshot.tasks if state.line is not None}
    for position, snapshot in enumerate(snapshots):
        last = position + 1 == len(snapshots)
        until_ns = end_ns if last else snapshots[position + 1].at_ns
        if until_ns == snapshot.at_ns and not last:
            continue  # nothing lasts between two snapshots of one instant: the later one holds
        for state in snapshot.tasks:
            if state.task in theirs:
                _extend(lanes.setdefault(state.task, []), _span(state, snapshot.at_ns, until_ns))
    return lanes


def _span(state: TaskState, start_ns: int, end_ns: int) -> Span:
    return Span(
        lane=state.task,
        kind="waiting" if state.waiting_on else "running",
        start_ns=start_ns,
        end_ns=end_ns,
        label=state.waiting_on or state.function,
        line=state.line,
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same stretches of one lane, in order, with equal neighbours made one."""
    result: list[Span] = []
    for span in spans:
        _extend(result, span)
    return result


def _extend(spans: list[Span], span: Span) -> None:
    """Adds `span` at the end of its lane, or lengthens the last one if it says the same."""
    if spans and _same(spans[-1], span):
        spans[-1] = _between(spans[-1], spans[-1].start_ns, span.end_ns)
    else:
        spans.append(span)


def _same(left: Span, right: Span) -> bool:
    told = (left.lane, left.kind, left.label, left.line, left.end_ns)
    return told == (right.lane, right.kind, right.label, right.line, right.start_ns)


def _mark_blocked(
    lanes: dict[str, list[Span]], stretches: Iterable[BlockedStretch], snapshots: Sequence[Snapshot]
) -> None:
    """Puts each blocking call into the lane of the task that made it, in place of what stood there."""
    instants = [snapshot.at_ns for snapshot in snapshots]
    otherwise = next(iter(lanes)) if len(lanes) == 1 else LOOP_LANE
    blocked: dict[str, list[Span]] = {}
    tasks, tasks_of = _Tasks((), lanes), 0
    for stretch in sorted(stretches, key=lambda stretch: stretch.start_ns):
        known = bisect_right(instants, stretch.start_ns)
        if known != tasks_of:  # each snapshot is looked through once, however many stretches it covers
            tasks, tasks_of = _Tasks(snapshots[known - 1].tasks, lanes), known
        span = _blocked_span(stretch, tasks.that_made(stretch) or otherwise)
        earlier = blocked.get(span.lane, [])
        if earlier and earlier[-1].end_ns > span.start_ns:  # one thread blocks once at a time
            span = _between(span, earlier[-1].end_ns, max(span.end_ns, earlier[-1].end_ns))
        if span.end_ns > span.start_ns:
            blocked.setdefault(span.lane, earlier).append(span)
    for lane, holes in blocked.items():
        pieces = [*_without(lanes.get(lane, []), holes), *holes]
        lanes[lane] = _merged(sorted(pieces, key=lambda span: (span.start_ns, span.end_ns)))


def _blocked_span(stretch: BlockedStretch, lane: str) -> Span:
    return Span(
        lane=lane,
        kind="blocked",
        start_ns=stretch.start_ns,
        end_ns=stretch.end_ns,
        label=stretch.what,
        line=stretch.line,
    )


class _Tasks:
    """The tasks that are drawn of one snapshot, by where they stood: the first of each place."""

    def __init__(self, states: Iterable[TaskState], lanes: Collection[str]) -> None:
        self._on_line: dict[int | None, str] = {}
        self._in_function: dict[str, str] = {}
        for state in states:
            if state.task in lanes:
                self._on_line.setdefault(state.line, state.task)
                self._in_function.setdefault(state.function, state.task)

    def that_made(self, stretch: BlockedStretch) -> str | None:
        """The task whose line it was; else the one in that function."""
        on_line = None if stretch.line is None else self._on_line.get(stretch.line)
        return on_line or self._in_function.get(stretch.function)


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> Iterator[Span]:
    """The parts of `spans` outside `holes`; both in order of start and without overlap of their own."""
    ahead = deque(holes)
    for span in spans:
        while ahead and ahead[0].end_ns <= span.start_ns:
            ahead.popleft()
        start_ns = span.start_ns
        for hole in ahead:
            if hole.start_ns >= span.end_ns:
                break
            if start_ns < hole.start_ns:
                yield _between(span, start_ns, hole.start_ns)
            start_ns = max(start_ns, hole.end_ns)
        if start_ns < span.end_ns or span.start_ns == span.end_ns == start_ns:
            yield _between(span, start_ns, span.end_ns)


def _between(span: Span, start_ns: int, end_ns: int) -> Span:
    return Span(
        lane=span.lane, kind=span.kind, start_ns=start_ns, end_ns=end_ns, label=span.label, line=span.line
    )


def _moved(span: Span, by_ns: int) -> Span:
    return _between(span, span.start_ns + by_ns, span.end_ns + by_ns)

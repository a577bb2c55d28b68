"""A history drawn as lanes."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from grader.records import BlockedStretch, Exchange, History, Snapshot, Span, TaskState, Timeline
from grader.trace.timeline import LOOP_LANE, MOST_LANES, best_of, timeline_of

S = 1_000_000_000


def at(seconds: int, *states: tuple[str, int | None, str]) -> Snapshot:
    tasks = tuple(
        TaskState(task=task, line=line, function="read_all", waiting_on=waiting_on)
        for task, line, waiting_on in states
    )
    return Snapshot(at_ns=seconds * S, tasks=tasks)


def request(label: str, start: int, end: int | None) -> Exchange:
    return Exchange(host="host", label=label, start_ns=start * S, end_ns=None if end is None else end * S)


def told(timeline: Timeline) -> list[tuple[str, str, int, int]]:
    return [(s.lane, s.kind, s.start_ns // S, s.end_ns // S) for s in timeline.spans]


def test_what_a_snapshot_says_lasts_until_the_next_one() -> None:
    history = History(
        snapshots=(
            at(0, ("a", 3, "await one()"), ("b", 9, "await x")),
            at(2, ("a", 4, "await two()"), ("b", 9, "await x")),
            at(5),
        )
    )
    timeline = timeline_of(history)
    assert told(timeline) == [("a", "waiting", 0, 2), ("a", "waiting", 2, 5), ("b", "waiting", 0, 5)]
    assert [(span.line, span.label) for span in timeline.spans] == [
        (3, "await one()"),
        (4, "await two()"),
        (9, "await x"),
    ]
    assert timeline.makespan_ns == 5 * S


def test_time_starts_at_the_first_instant_of_the_history() -> None:
    history = History(snapshots=(at(7, ("a", 3, "x"), ("b", 3, "x")), at(9)))
    assert [span.start_ns for span in timeline_of(history).spans] == [0, 0]
    assert timeline_of(history).makespan_ns == 2 * S


def test_a_lone_task_is_drawn_above_its_requests() -> None:
    history = History(
        snapshots=(at(0, ("read_all", 14, "await fetch(name)")), at(2)),
        exchanges=(request("oslo", 0, 1), request("bergen", 1, 2)),
    )
    assert told(timeline_of(history)) == [
        ("read_all", "waiting", 0, 2),
        ("oslo", "request", 0, 1),
        ("bergen", "request", 1, 2),
    ]


def test_with_several_tasks_the_requests_stay_out() -> None:
    history = History(
        snapshots=(at(0, ("a", 1, "x"), ("b", 2, "y")), at(2)), exchanges=(request("oslo", 0, 1),)
    )
    assert {span.kind for span in timeline_of(history).spans} == {"waiting"}


def test_a_task_that_was_never_on_a_line_of_the_learner_is_left_out() -> None:
    history = History(snapshots=(at(0, ("serve", None, "recv"), ("a", 1, "x"), ("b", 2, "y")), at(2)))
    assert [span.lane for span in timeline_of(history).spans] == ["a", "b"]


def test_requests_of_one_label_are_numbered_as_seen() -> None:
    requests = (request("oslo", 0, 2), request("oslo", 1, 3), request("oslo", 2, None))
    timeline = timeline_of(History(exchanges=requests))
    assert [span.lane for span in timeline.spans] == ["oslo", "oslo #2", "oslo #3"]
    assert timeline.peak_in_flight == 2


def test_a_request_has_the_same_lane_in_the_best_possible_run() -> None:
    requests = (request("oslo", 0, 2), request("bergen", 2, 3), request("oslo", 3, 7))
    lengths = {"oslo": 2 * S, "bergen": S, "oslo #2": 4 * S}
    for timeline in (timeline_of(History(exchanges=requests)), best_of(requests)):
        assert {span.lane: span.end_ns - span.start_ns for span in timeline.spans} == lengths


def test_where_all_ask_the_same_the_hosts_name_the_lanes() -> None:
    requests = tuple(
        Exchange(host=host, label="temperature?", start_ns=0, end_ns=S) for host in ("oslo", "bergen")
    )
    assert [span.lane for span in best_of(requests).spans] == ["oslo", "bergen"]


def test_a_request_named_like_the_task_gets_a_lane_of_its_own() -> None:
    history = History(snapshots=(at(0, ("oslo", 1, "x")), at(1)), exchanges=(request("oslo", 0, 1),))
    assert [span.lane for span in timeline_of(history).spans] == ["oslo", "oslo #2"]


def test_a_blocking_call_takes_the_place_of_what_its_task_was_doing() -> None:
    stretch = BlockedStretch(what="time.sleep(1)", line=5, function="f", start_ns=S, end_ns=2 * S)
    history = History(
        snapshots=(at(0, ("a", 5, "x"), ("b", 9, "y")), at(3)),
        blocked=(stretch,),
    )
    timeline = timeline_of(history)
    assert told(timeline) == [
        ("a", "waiting", 0, 1),
        ("a", "blocked", 1, 2),
        ("a", "waiting", 2, 3),
        ("b", "waiting", 0, 3),
    ]
    assert timeline.spans[1].label == "time.sleep(1)"


def test_blocking_calls_in_a_row_on_one_line_are_one_span() -> None:
    stretches = tuple(
        BlockedStretch(what="time.sleep(1)", line=5, function="f", start_ns=n * S, end_ns=(n + 1) * S)
        for n in range(3)
    )
    assert told(timeline_of(History(blocked=stretches))) == [(LOOP_LANE, "blocked", 0, 3)]


def test_who_still_waits_at_the_last_instant_is_shown_there() -> None:
    """A deadlock at time 0 is still a picture: nothing lasted, and everybody waits."""
    history = History(snapshots=(at(0, ("a", 1, "await lock"), ("b", 2, "await lock")),))
    assert told(timeline_of(history)) == [("a", "waiting", 0, 0), ("b", "waiting", 0, 0)]


def test_an_empty_history_is_an_empty_timeline() -> None:
    assert timeline_of(History()) == Timeline()


def test_beyond_the_cap_lanes_are_counted_and_not_kept() -> None:
    history = History(exchanges=tuple(request(f"r{n}", 0, n + 1) for n in range(MOST_LANES + 7)))
    timeline = timeline_of(history)
    assert len({span.lane for span in timeline.spans}) == MOST_LANES
    assert timeline.lanes_left_out == 7
    assert timeline.makespan_ns == (MOST_LANES + 7) * S


def test_the_best_possible_starts_everything_at_once() -> None:
    best = best_of([request("a", 3, 5), request("b", 5, 8)])
    assert told(best) == [("a", "request", 0, 2), ("b", "request", 0, 3)]
    assert (best.makespan_ns, best.peak_in_flight) == (3 * S, 2)


def test_the_best_possible_honours_needs_and_a_bound() -> None:
    requests = [request("kettle", 0, 3), request("tea", 3, 4), request("egg", 4, 9)]
    assert best_of(requests, {"tea": ["kettle"]}).makespan_ns == 5 * S
    assert best_of(requests, {"tea": ["kettle"]}, at_most=1).makespan_ns == 9 * S


def test_what_the_exchanges_say_of_their_needs_is_honoured_unasked() -> None:
    page = Exchange(host="book", label="page 2", start_ns=9 * S, end_ns=11 * S, needs=("page 1",))
    requests = (request("page 1", 0, 3), page, request("weather", 0, 4))
    assert told(best_of(requests)) == [
        ("page 1", "request", 0, 3),
        ("weather", "request", 0, 4),
        ("page 2", "request", 3, 5),
    ]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any history at all: the guest may say what it likes, in any order."""
    instant = st.integers(0, 9)
    name = st.sampled_from(["a", "b", "a #2"])
    line = st.sampled_from([None, 1, 2])
    state = st.builds(
        TaskState, task=name, line=line, function=st.just("f"), waiting_on=st.sampled_from(["", "x", "y"])
    )
    snapshot = st.builds(
        Snapshot, at_ns=instant, tasks=st.lists(state, max_size=3, unique_by=lambda s: s.task).map(tuple)
    )
    stretch = st.builds(
        BlockedStretch, what=st.just("w"), line=line, function=st.just("f"), start_ns=instant, end_ns=instant
    )
    return History(
        snapshots=tuple(draw(st.lists(snapshot, max_size=6))),
        blocked=tuple(draw(st.lists(stretch, max_size=3))),
        exchanges=tuple(
            draw(
                st.lists(
                    st.builds(
                        Exchange,
                        host=st.just("h"),
                        label=st.sampled_from(["a", "a #2", ""]),
                        start_ns=instant,
                        end_ns=st.one_of(st.none(), instant),
                    ),
                    max_size=5,
                )
            )
        ),
    )


@given(histories())
def test_whatever_the_guest_says_the_lanes_are_ordered_disjoint_and_on_the_scale(history: History) -> None:
    timeline = timeline_of(history)
    assert all(0 <= span.start_ns <= span.end_ns <= timeline.makespan_ns for span in timeline.spans)
    lanes: dict[str, list[Span]] = {}
    for span in timeline.spans:
        lanes.setdefault(span.lane, []).append(span)
    for spans in lanes.values():
        assert all(one.end_ns <= two.start_ns for one, two in itertools.pairwise(spans))
    firsts = [spans[0].start_ns for spans in lanes.values()]
    assert firsts == sorted(firsts)


@given(histories())
def test_merging_leaves_no_equal_neighbours(history: History) -> None:
    spans = timeline_of(history).spans
    waiting = [span for span in spans if span.kind in ("waiting", "running")]
    for one, two in itertools.pairwise(waiting):
        same = (one.lane, one.kind, one.label, one.line) == (two.lane, two.kind, two.label, two.line)
        assert not (same and one.end_ns == two.start_ns)

"""A judgement as a Chrome trace."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.records import Span, Timeline
from grader.report.chrome import chrome_trace

from .sample import check, judgement, passed


def events(*spans: Span) -> list[dict[str, Any]]:
    timeline = Timeline(spans=spans, makespan_ns=max((span.end_ns for span in spans), default=0))
    trace = json.loads(
        chrome_trace(judgement(check(timeline=timeline, best=None))), parse_float=Decimal, parse_int=Decimal
    )
    found: list[dict[str, Any]] = trace["traceEvents"]
    return found


def test_each_run_is_a_process_and_each_lane_a_thread_with_its_name() -> None:
    trace = json.loads(chrome_trace(judgement()))
    names = [
        (e["name"], e["pid"], e["tid"], e["args"]["name"])
        for e in trace["traceEvents"]
        if "name" in e["args"]
    ]
    processes = [(pid, name) for what, pid, _, name in names if what == "process_name"]
    assert [name for _, name in processes] == [
        "All requests are in flight together [NOT_CONCURRENT]",
        "All requests are in flight together [NOT_CONCURRENT] (best possible)",
    ]
    assert len({pid for pid, _ in processes}) == 2
    threads = [name for what, pid, _, name in names if what == "thread_name" and pid == processes[0][0]]
    assert threads == ["read_all", "oslo", "bergen", "voss"]
    assert trace["otherData"]["verdict"] == "NOT_CONCURRENT"


def test_no_two_events_overlap_on_one_thread() -> None:
    trace = json.loads(chrome_trace(judgement()))
    tracks: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            track = tracks.setdefault((event["pid"], event["tid"]), [])
            track.append((event["ts"], event["ts"] + event["dur"]))
    assert len(tracks) == 7, "four lanes of the run, three of the best possible"
    for spans in map(sorted, tracks.values()):
        assert all(one[1] <= two[0] for one, two in pairwise(spans))


def test_spans_are_complete_events_with_their_line() -> None:
    span = Span(lane="a", kind="waiting", start_ns=1_500, end_ns=4_001, label="await x", line=9)
    found = [event for event in events(span) if event["ph"] == "X"]
    assert [(e["name"], e["cat"], e["ts"], e["dur"], e["args"]["line"]) for e in found] == [
        ("await x", "waiting", Decimal("1.5"), Decimal("2.501"), 9)
    ]


@settings(deadline=None)
@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_no_nanosecond_is_lost(start: int, length: int) -> None:
    span = Span(lane="a", kind="running", start_ns=start, end_ns=start + length)
    event = next(event for event in events(span) if event["ph"] == "X")
    assert (event["ts"] * 1000, event["dur"] * 1000) == (start, length)


def test_names_from_outside_lose_their_control_characters() -> None:
    span = Span(lane="\x1b[31mred\ud800", kind="running", start_ns=0, end_ns=1, label="a\x00b")
    names = {event["args"].get("name") for event in events(span)} | {event["name"] for event in events(span)}
    assert {"red�", "a�b"} <= names


def test_without_timelines_the_trace_is_empty_and_valid() -> None:
    assert json.loads(chrome_trace(judgement(passed())))["traceEvents"] == []

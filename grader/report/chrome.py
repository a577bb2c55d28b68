"""The timelines of a judgement as a Chrome trace, to be opened in Perfetto (ui.perfetto.dev) or chrome://tracing.

The format is the Trace Event Format: one process per timeline, one thread per lane (Perfetto refuses
overlapping events on one thread), complete events (`X`), microseconds with the nanoseconds as decimals.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from grader.records import CheckResult, Judgement, Span, Timeline
from grader.report.look import clean_line

_Event = dict[str, object]


def chrome_trace(judgement: Judgement) -> bytes:
    """The trace as JSON: each check's run, and beside it the best possible one."""
    events: list[_Event] = []
    for name, timeline in _timelines(judgement):
        events += _process(len(events) + 1, name, timeline)
    facts = {
        "kata": f"{judgement.number:02d}_{judgement.slug}",
        "verdict": judgement.verdict.value,
        "seed": judgement.seed,
        "grader": judgement.grader,
    }
    return msgspec.json.encode({"traceEvents": events, "displayTimeUnit": "ns", "otherData": facts})


def _timelines(judgement: Judgement) -> Iterator[tuple[str, Timeline]]:
    for check in judgement.checks:
        if check.timeline is not None:
            yield _title(check), check.timeline
        if check.best is not None:
            yield f"{_title(check)} (best possible)", check.best


def _title(check: CheckResult) -> str:
    return clean_line(f"{check.title} [{check.verdict.value}]")


def _process(pid: int, name: str, timeline: Timeline) -> Iterator[_Event]:
    """One timeline's events. `pid` need only differ from other timelines': they come in this order."""
    yield _named("process_name", pid, 0, name)
    yield {"ph": "M", "name": "process_sort_index", "pid": pid, "tid": 0, "args": {"sort_index": pid}}
    threads: dict[str, int] = {}
    for span in timeline.spans:
        if span.lane not in threads:
            threads[span.lane] = len(threads) + 1
            yield _named("thread_name", pid, threads[span.lane], clean_line(span.lane))
        yield _complete(pid, threads[span.lane], span)


def _named(what: str, pid: int, tid: int, name: str) -> _Event:
    return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}}


def _complete(pid: int, tid: int, span: Span) -> _Event:
    return {
        "ph": "X",
        "name": clean_line(span.label) or span.kind,
        "cat": span.kind,
        "ts": _microseconds(span.start_ns),
        "dur": _microseconds(span.end_ns - span.start_ns),
        "pid": pid,
        "tid": tid,
        "args": {"kind": span.kind, "line": span.line},
    }


def _microseconds(ns: int) -> msgspec.Raw:
    """Nanoseconds as a JSON number of microseconds, digit for digit: no float rounds it on the way."""
    whole, rest = divmod(ns, 1000)
    return msgspec.Raw(f"{whole}.{rest:03d}".encode() if rest else str(whole).encode())

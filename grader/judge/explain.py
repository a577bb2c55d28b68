"""From the history of a check to what a learner is shown: timelines, misconception."""

from __future__ import annotations

import msgspec

from grader.diagnosis import Diagnosis, diagnose
from grader.records import CheckResult, History, Timeline
from grader.trace.timeline import best_of, timeline_of


def explained(
    check: CheckResult, history: History, source: str, entry_points: tuple[str, ...]
) -> CheckResult:
    """The same result with its timelines, and the misconception behind it where one is known."""
    best = _best(check, history)
    is_plain = check.misconception == "not_a_coroutine"  # the judge saw it: what it called gave no awaitable
    diagnosis = None if is_plain else diagnose(source, history, check.verdict, entry_points)
    return msgspec.structs.replace(
        check,
        timeline=timeline_of(history),
        best=best,
        misconception=diagnosis.misconception if diagnosis is not None else check.misconception,
        line=_line(check, diagnosis),
    )


def _line(check: CheckResult, diagnosis: Diagnosis | None) -> int | None:
    """The line to show: where a coroutine was made that nobody awaited, not the line that then broke."""
    if diagnosis is None or diagnosis.line is None:
        return check.line
    is_cause = diagnosis.misconception == "never_awaited"
    return diagnosis.line if is_cause or check.line is None else check.line


def _best(check: CheckResult, history: History) -> Timeline | None:
    """The best possible run; None where the suite knows that these requests cannot overlap like that,

    and where it made its calls one after another, which nobody can overlap.

    A suite that does not say which request needs which (`net.request`) may still have noted the best
    possible time: a drawing that promises less than nine tenths of it would be a lie.
    """
    exchanges = history.exchanges
    if not exchanges or history.turns > 1:
        return None
    best = best_of(exchanges)
    known_ns = check.best_virtual_ns
    if known_ns is None:
        # Requests to hosts may be taken for independent; calls of a suite's callables may not.
        return best if all(exchange.host for exchange in exchanges) else None
    if best.makespan_ns * 10 < known_ns * 9:
        return None
    # The way there and back is no part of any request, but of the time that is possible.
    return msgspec.structs.replace(best, makespan_ns=max(best.makespan_ns, known_ns))

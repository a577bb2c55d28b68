"""A judgement as one HTML page: verdict, checks with their explanations and timelines, the learner's file."""

from __future__ import annotations

from grader.records import CheckResult, Judgement
from grader.report.page import SourceLine, lines_of, render_page

_MOST_SOURCE_LINES = 3000


def judgement_html(judgement: Judgement, source: str) -> str:
    """The whole page."""
    lines = lines_of(source)
    return render_page(
        "judgement.html.j2",
        judgement=judgement,
        passed=sum(check.passed for check in judgement.checks),
        lines=_blamed(lines[:_MOST_SOURCE_LINES], judgement),
        lines_left_out=max(0, len(lines) - _MOST_SOURCE_LINES),
        isolation=_isolation(judgement),
    )


def _blamed(lines: list[str], judgement: Judgement) -> list[SourceLine]:
    """The lines, each with the failed checks that point to it."""
    blamed: dict[int | None, list[CheckResult]] = {}
    for check in judgement.checks:
        if not check.passed:
            blamed.setdefault(check.line, []).append(check)
    return [
        SourceLine(number=number, text=text, blamed_by=tuple(blamed.get(number, ())))
        for number, text in enumerate(lines, start=1)
    ]


def _isolation(judgement: Judgement) -> str:
    missing = f" ({', '.join(judgement.isolation_missing)})" if judgement.isolation_missing else ""
    return judgement.isolation.value + missing

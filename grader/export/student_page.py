"""One student's page: every kata they handed in, why it was judged so, drawn, with a hint to go on.

It says nothing that only instructors may know: no seeds, since a run may have been given one for all
(`--seed`), and nothing of what our own errors quote, which may be a suite.
"""

from __future__ import annotations

from grader.diagnosis import misconception_named
from grader.export.class_facts import Column, Result
from grader.records import CheckResult, Record
from grader.report.page import SourceLine, lines_of, render_page

AROUND = 2
"""Lines of the source shown above and below the one in question."""


class Chapter(Record, frozen=True):
    """One kata of the student."""

    number: int
    slug: str
    title: str
    result: Result
    """Its judgement with its timelines."""
    source: str
    hints: tuple[str, ...] = ()
    """The kata's hints as Markdown, in order; () where they must not be shown."""

    @property
    def anchor(self) -> str:
        """What links to it on the page call it."""
        return f"kata-{self.number:02d}"


class StudentView(Record, frozen=True):
    """All that the page is about."""

    name: str
    total: float | None
    """None where nothing of what they handed in was judged."""
    worth: float
    chapters: tuple[Chapter, ...]
    missing: tuple[Column, ...] = ()
    """Katas that they did not hand in, and others did."""


def student_page(student: StudentView) -> str:
    """The page, for the student's own eyes."""
    return render_page("student.html.j2", student=student, excerpt=_excerpt, hint=_hint)


def _excerpt(chapter: Chapter, check: CheckResult) -> list[SourceLine]:
    """The line in question with its neighbours; empty where the file has no such line."""
    lines = lines_of(chapter.source)
    if check.line is None or not 1 <= check.line <= len(lines):
        return []
    shown = range(max(1, check.line - AROUND), min(len(lines), check.line + AROUND) + 1)
    return [
        SourceLine(number=number, text=lines[number - 1], blamed_by=(check,) if number == check.line else ())
        for number in shown
    ]


def _hint(chapter: Chapter) -> str:
    """The hint that the first known misconception points to, else the first; "" for an accepted answer."""
    judgement = chapter.result.judgement
    if judgement is None or judgement.accepted:
        return ""
    known = (misconception_named(check.misconception) for check in judgement.checks if not check.passed)
    step = next((entry.hint_step for entry in known if entry is not None), 1)
    return chapter.hints[step - 1] if 0 < step <= len(chapter.hints) else ""

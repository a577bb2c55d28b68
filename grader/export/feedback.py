"""Where a student's page goes, so that it can be handed back: folders and files as systems name them.

What a learning system takes back is its input format's to say (`Layout.feedback_prefix`): Moodle and Canvas
take files that begin as their own did; elsewhere a folder per student has to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from grader.export.names import folder_names
from grader.grading.marks import Ledger
from grader.intake.formats import format_named
from grader.records import Record

PAGE = "feedback.html"


class Places(Record, frozen=True):
    """Where the pages go, and whose have nowhere to go."""

    paths: dict[str, str]
    """Student's id: the path."""
    left_out: tuple[str, ...] = ()
    """Ids of students to whose hand-ins the learning system takes nothing back."""


def page_names(ledger: Ledger) -> dict[str, str]:
    """Student's id: a path of letters, digits, `.`, `-` and `_`, one each, ending in `.html`."""
    return {student_id: f"{name}.html" for student_id, name in folder_names(ledger.students).items()}


def feedback_places(ledger: Ledger, layout: str) -> Places:
    """Where each student's page lies in what is handed back to `layout` (`Intake.format`)."""
    names = folder_names(ledger.students)
    paths: dict[str, str] = {}
    left_out: list[str] = []
    for student in ledger.students:
        sources = [mark.attempt.source_path for _, mark in ledger.of(student) if mark is not None]
        path = _path(sources, names[student.id], layout)
        if sources and path:
            paths[student.id] = path
        elif sources:
            left_out.append(student.id)
    return Places(paths=paths, left_out=tuple(left_out))


def _path(sources: Iterable[str], name: str, layout: str) -> str:
    """The path by the first source that the system can take something back to; "" for none."""
    system = format_named(layout)
    lay = (PurePosixPath(source.partition("!")[0]) for source in sources)
    prefixes = (system.feedback_prefix(source, name) for source in lay)
    return next((prefix + PAGE for prefix in prefixes if prefix is not None), "")

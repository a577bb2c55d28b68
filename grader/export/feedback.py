"""Where a student's page goes, so that it can be handed back: folders and files as systems name them.

Moodle takes back a zip whose folders, or files, begin as it named the submissions; Canvas takes back files
that begin as its own did, which an attachment's number is part of: typed answers have none, so nothing
can be handed back to them. Elsewhere a folder per student has to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from grader.export.names import folder_names
from grader.grading.marks import Ledger
from grader.intake.canvas import ATTACHMENT
from grader.intake.moodle import FLAT, FOLDER
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
    if layout not in ("moodle", "canvas"):
        return f"{name}/{PAGE}"
    back = _back_to_moodle if layout == "moodle" else _back_to_canvas
    return next(filter(None, (back(PurePosixPath(source.partition("!")[0])) for source in sources)), "")


def _back_to_moodle(source: PurePosixPath) -> str:
    """Below the folder that Moodle made, or beside the file if it made no folders."""
    for part in source.parts[:-1]:
        if FOLDER.fullmatch(part):
            return f"{part}/{PAGE}"
    hit = FLAT.fullmatch(source.name)
    return source.name[: hit.start("file")] + PAGE if hit else ""


def _back_to_canvas(source: PurePosixPath) -> str:
    for part in source.parts:  # the outermost is Canvas's; further in, a student may have named it so
        if hit := ATTACHMENT.fullmatch(part):
            return part[: hit.start("file")] + PAGE if hit["file"] else ""
    return ""

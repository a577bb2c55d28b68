"""Where a student's page goes, so that it can be handed back: folders and files as systems name them.

Moodle takes back a zip whose folders are named as it named the submissions; Canvas takes back files
that begin as its own did. Elsewhere a folder per student has to do.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.batch.gradebook.names import folder_names
from grader.batch.marks import Ledger

PAGE = "feedback.html"
_MOODLE = re.compile(r".+_\d+_assignsubmission_(file|onlinetext)_?")
_CANVAS = re.compile(r"\w+?(_LATE)?_\w+_\d+_")


def page_names(ledger: Ledger) -> dict[str, str]:
    """Student's id: a path of letters, digits, `.`, `-` and `_`, one each, ending in `.html`."""
    return {student_id: f"{name}.html" for student_id, name in folder_names(ledger.students).items()}


def feedback_paths(ledger: Ledger, layout: str) -> dict[str, str]:
    """Student's id: where their page lies in what is handed back to `layout` (`Intake.format`)."""
    names = folder_names(ledger.students)
    paths = {}
    for student in ledger.students:
        sources = [mark.attempt.source_path for _, mark in ledger.of(student) if mark is not None]
        if sources:
            paths[student.id] = _path(sources[0], names[student.id], layout)
    return paths


def _path(source: str, name: str, layout: str) -> str:
    parts = PurePosixPath(source.partition("!")[0]).parts
    if layout == "moodle":
        for part in parts:
            if _MOODLE.fullmatch(part):
                return f"{part}/{PAGE}"
    if layout == "canvas":
        front = _CANVAS.match(parts[-1])
        if front:
            return f"{front[0]}{PAGE}"
    return f"{name}/{PAGE}"

"""Anything else: a regular expression over the paths, its named groups saying who and what.

It is matched from the left; what comes behind its end is open. Groups: `student` (needed), `kata`, `name`,
`email`, `submitted_at` (ISO 8601). Paths that it does not fit are problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from grader.errors import BadInput
from grader.intake.handins import Problem, Student
from grader.intake.items import Item, SubmittedFile
from grader.intake.layout import Layout
from grader.intake.tree import Tree
from grader.records import Kata

GROUPS = ("student", "kata", "name", "email", "submitted_at")


class Pattern(Layout):
    """Paths as the instructor describes them."""

    name = "pattern"
    about = "paths that --pattern describes"

    def __init__(self, expression: str) -> None:
        try:
            self._expression = re.compile(expression)
        except re.error as problem:
            raise BadInput(f"--pattern is not a regular expression: {problem}.") from None
        groups = set(self._expression.groupindex)
        advice = f"It may name {', '.join(GROUPS)}, as in '(?P<student>[^/]+)/(?P<kata>[^/]+)/answer.py'."
        if "student" not in groups:
            raise BadInput("--pattern has no group named student.", advice=advice)
        if not groups.issubset(GROUPS):
            strange = ", ".join(sorted(groups.difference(GROUPS)))
            raise BadInput(f"--pattern names a group that means nothing here: {strange}.", advice=advice)

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """The expression is matched from the beginning of the path, with `/` between its parts: looked for
        anywhere, it would find what students call their own folders."""
        for entry in tree.entries:
            hit = self._expression.match(entry.path)
            if not hit or not hit["student"]:
                yield Problem(path=entry.path, why="does not fit --pattern")
                continue
            groups = {key: value or "" for key, value in hit.groupdict().items()}
            student = Student(
                id=groups["student"], name=groups.get("name", ""), email=groups.get("email", "")
            )
            submitted_at = _time(groups.get("submitted_at", ""))
            if groups.get("submitted_at") and submitted_at is None:
                why = f"its time {groups['submitted_at']!r} is not one that ISO 8601 allows"
                yield Problem(path=entry.path, why=why)
            yield SubmittedFile(
                student=student,
                entry=entry,
                inner=entry.path,
                own=entry.name,
                kata=groups.get("kata", ""),
                submitted_at=submitted_at,
            )


def _time(text: str) -> datetime | None:
    """ISO 8601, also where file names forced `-` or `_` in place of `:` and of the `T`."""
    loose = re.sub(r"(\d{4}-?\d\d-?\d\d)[ _T-](\d\d)[-:]?(\d\d)(?:[-:]?(\d\d))?", r"\1T\2:\3:\4", text)
    for candidate in (text, loose, loose.rstrip(":")):
        try:
            return datetime.fromisoformat(candidate)
        except ValueError:
            continue
    return None

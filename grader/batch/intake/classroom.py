"""GitHub Classroom: a folder of clones, people through the grades CSV that Classroom exports.

`gh classroom clone student-repos` makes `{assignment}-submissions/{assignment}-{login}/`; the CSV
(given as the roster, or found beside the clones) says whose each repository is and when it was last
pushed to.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.layout import LISTING_BYTES, Found
from grader.batch.intake.roster import decoded
from grader.batch.intake.tree import Entry, Tree, UnreadableError
from grader.records import Kata

REQUIRED = ("github_username", "roster_identifier", "student_repository_name", "submission_timestamp")
SUFFIX = "-submissions"


class Classroom:
    """Clones of all students' repositories."""

    name = "classroom"

    def __init__(self, grades: list[dict[str, str]] | None = None) -> None:
        self._grades = grades or []

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Whether the folder is named so, holds one that is, or lies beside Classroom's CSV."""
        return bool(self._grades) or _depth(tree) is not None or _listing(tree) is not None

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Found | Problem]:
        """One student per repository, several where Classroom names a group."""
        listing = _listing(tree)
        rows = self._grades or (_grades_in(tree, listing) if listing else [])
        people: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            people.setdefault(row["student_repository_name"].casefold(), []).append(row)
        depth = _depth(tree) or 0
        strangers: set[str] = set()
        for entry in tree.entries:
            parts = entry.parts[depth:]
            if len(parts) < 2:
                continue
            inner, owners = "/".join(parts[1:]), people.get(parts[0].casefold(), [])
            for row in owners:
                yield _found(row, entry, inner)
            if not owners:
                yield Found(student=_by_name(parts[0], tree, depth, entry), entry=entry, inner=inner)
                if rows and parts[0] not in strangers:
                    strangers.add(parts[0])
                    yield Problem(path=parts[0], why="is a repository that the grades CSV does not name")


def grades_rows(data: bytes) -> list[dict[str, str]]:
    """The rows of Classroom's grades CSV; none if it is something else."""
    reader = csv.DictReader(io.StringIO(decoded(data), newline=""))
    try:
        if not set(REQUIRED).issubset(reader.fieldnames or ()):
            return []
        return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader]
    except csv.Error:
        return []


def _listing(tree: Tree) -> Entry | None:
    """The grades CSV beside the clones; a student's own CSV is none, whatever it is."""
    for entry in tree.entries:
        if len(entry.parts) <= 2 and entry.name.endswith(".csv") and _grades_in(tree, entry):
            return entry
    return None


def _grades_in(tree: Tree, entry: Entry) -> list[dict[str, str]]:
    try:
        return grades_rows(tree.read(entry, LISTING_BYTES))
    except UnreadableError:
        return []


def _depth(tree: Tree) -> int | None:
    """How many folders lie above the repositories; None if nothing is named as Classroom names it."""
    if tree.label.endswith(SUFFIX):
        return 0
    if any(len(entry.parts) > 2 and entry.parts[0].endswith(SUFFIX) for entry in tree.entries):
        return 1
    return None


def _found(row: dict[str, str], entry: Entry, inner: str) -> Found:
    student = Student(
        id=row["roster_identifier"] or row["github_username"],
        lms_id=row["github_username"],
        login=row["github_username"],
        section=row.get("group_name", ""),
    )
    try:
        pushed = datetime.fromisoformat(row["submission_timestamp"].replace(" UTC", "+00:00"))
    except ValueError:
        pushed = None
    return Found(student=student, entry=entry, inner=inner, submitted_at=pushed)


def _by_name(repository: str, tree: Tree, depth: int, entry: Entry) -> Student:
    """Without the CSV a repository's name is the assignment's and the login behind it."""
    folder = entry.parts[depth - 1] if depth else tree.label
    assignment = folder.removesuffix(SUFFIX) + "-"
    login = repository.removeprefix(assignment)
    return Student(id=login, lms_id=login, login=login)

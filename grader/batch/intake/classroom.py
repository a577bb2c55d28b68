"""GitHub Classroom: a folder of clones, people through the grades CSV that Classroom exports.

`gh classroom clone student-repos` makes `{assignment}-submissions/{assignment}-{login}/`; the CSV
(given as the roster, or found beside the clones) says whose each repository is and when it was last
pushed to. It is a roster too: who is in it without a repository has handed in nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.layout import LISTING_BYTES, Found, Item, Lacking
from grader.batch.intake.roster import Roster, decoded
from grader.batch.intake.tree import Entry, Tree, UnreadableError
from grader.records import Kata

REQUIRED = ("github_username", "roster_identifier", "student_repository_name", "submission_timestamp")
SUFFIX = "-submissions"
STRANGER = "is a repository that the grades CSV does not name"


class Classroom:
    """Clones of all students' repositories."""

    name = "classroom"

    def __init__(self, grades: list[dict[str, str]] | None = None) -> None:
        self._grades = grades or []

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Whether the folder is named so, holds one that is, or lies beside Classroom's CSV."""
        return bool(self._grades) or _depth(tree) is not None or _listing(tree)[0] is not None

    def people(self, tree: Tree) -> Roster:
        """Everybody whom the CSV names, with a repository or without; nobody where there is no CSV."""
        return grades_roster(self._grades or _listing(tree)[1])

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
        """One student per repository, several where Classroom names a group."""
        listing, rows = _listing(tree)
        rows, depth = self._grades or rows, _depth(tree) or 0
        named = _by_repository(rows)
        strangers: set[str] = set()
        for entry in tree.entries:
            above, parts = entry.parts[:depth], entry.parts[depth:]
            if len(parts) < 2:
                if entry != listing:
                    yield Problem(path=entry.path, why="lies beside the repositories and is in none")
                continue
            repository, inner = parts[0], "/".join(parts[1:])
            owners = named.get(repository.casefold())
            for student, pushed in owners or [(_by_name(repository, tree, above), None)]:
                yield Found(student=student, entry=entry, inner=inner, submitted_at=pushed)
                if rows and not owners and repository not in strangers:
                    strangers.add(repository)
                    yield Lacking(student=student, path=repository, why=STRANGER)
        for folder in tree.bare:
            parts = PurePosixPath(folder).parts
            if len(parts) == depth + 1:
                owners = named.get(parts[-1].casefold())
                for student, _ in owners or [(_by_name(parts[-1], tree, parts[:-1]), None)]:
                    yield Lacking(student=student, path=folder)


def grades_rows(data: bytes) -> list[dict[str, str]]:
    """The rows of Classroom's grades CSV; none if it is something else."""
    reader = csv.DictReader(io.StringIO(decoded(data), newline=""))
    try:
        if not set(REQUIRED).issubset(reader.fieldnames or ()):
            return []
        return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader]
    except csv.Error:
        return []


def grades_roster(rows: Sequence[dict[str, str]]) -> Roster:
    """Everybody of the CSV, once."""
    people = {student.id: student for student in map(_student, reversed(rows)) if student.id}
    return Roster(reversed(people.values()))


def _by_repository(rows: Sequence[dict[str, str]]) -> dict[str, list[tuple[Student, datetime | None]]]:
    """Who is behind each repository, and when it was last pushed to."""
    people: dict[str, list[tuple[Student, datetime | None]]] = {}
    for row in rows:
        owners = people.setdefault(row["student_repository_name"].casefold(), [])
        owners.append((_student(row), _pushed(row)))
    return people


def _listing(tree: Tree) -> tuple[Entry | None, list[dict[str, str]]]:
    """The grades CSV beside the clones and its rows; a student's own CSV is none, whatever it is."""
    depth = _depth(tree) or 0
    for entry in tree.entries:
        if len(entry.parts) <= depth + 1 and entry.name.endswith(".csv"):
            rows = _grades_in(tree, entry)
            if rows:
                return entry, rows
    return None, []


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


def _student(row: dict[str, str]) -> Student:
    return Student(
        id=row["roster_identifier"] or row["github_username"],
        lms_id=row["github_username"],
        login=row["github_username"],
        section=row.get("group_name", ""),
    )


def _pushed(row: dict[str, str]) -> datetime | None:
    try:
        return datetime.fromisoformat(row["submission_timestamp"].replace(" UTC", "+00:00"))
    except ValueError:
        return None


def _by_name(repository: str, tree: Tree, above: Sequence[str]) -> Student:
    """Without the CSV a repository's name is the assignment's and the login behind it."""
    assignment = (above[-1] if above else tree.label).removesuffix(SUFFIX) + "-"
    login = repository.removeprefix(assignment)
    return Student(id=login, lms_id=login, login=login)

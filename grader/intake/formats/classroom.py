"""GitHub Classroom: a folder of clones, people through the grades CSV that Classroom exported.

The service closed on 28 August 2026; clones that were made before can be graded still.

`gh classroom clone student-repos` made `{assignment}-submissions/{assignment}-{login}/`; the CSV
(given as the roster, or found beside the clones) says whose each repository is and when it was last
pushed to. It is a roster too: who is in it without a repository has handed in nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from grader.intake.handins import Problem, Student
from grader.intake.items import STRANGER, EmptySlot, Item, SubmittedFile
from grader.intake.layout import LISTING_BYTES, Layout, Place, Signs, places, wrapper
from grader.intake.roster import Roster, decoded
from grader.intake.tree import Entry, Tree, UnreadableError
from grader.records import Kata

REQUIRED = ("github_username", "roster_identifier", "student_repository_name", "submission_timestamp")
SUFFIX = "-submissions"


class Classroom(Layout):
    """Clones of all students' repositories."""

    name = "classroom"
    about = "a folder of clones that GitHub Classroom made; its grades CSV as `--roster`, or beside them"

    def __init__(self, roster: Roster, roster_csv: bytes = b"") -> None:
        self._grades = grades_rows(roster_csv)

    @classmethod
    def class_list(cls, roster_csv: bytes) -> Roster | None:
        """Everybody of the grades CSV."""
        rows = grades_rows(roster_csv)
        return grades_roster(rows) if rows else None

    def signs(self, tree: Tree, depth: int) -> Signs:
        """The folder is named `{assignment}-submissions` and all in it `{assignment}-{login}`, or the CSV
        names them; only the CSV lies beside."""
        entry, rows = self._listing(tree, depth)
        here = [place for place in places(tree, depth) if entry is None or place.name != entry.name]
        starts = _starts(rows, _assignment(tree, depth))
        named = {row["student_repository_name"].casefold() for row in rows if _has_repository(row)}
        fitting = [
            place.name
            for place in here
            if place.is_folder and (place.name.casefold() in named or place.name.startswith(starts))
        ]
        return Signs(
            fitting=tuple(fitting), others=tuple(place.name for place in here if place.name not in fitting)
        )

    def own_class_list(self, tree: Tree, depth: int) -> Roster:
        """Everybody whom the CSV names, with a repository or without; nobody where there is no CSV."""
        return grades_roster(self._listing(tree, depth)[1])

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """One student per repository, several where Classroom names a group."""
        listing, rows = self._listing(tree, depth)
        owners = _Owners(rows, places(tree, depth), _assignment(tree, depth))
        strangers: set[str] = set()
        for entry in tree.entries:
            parts = entry.parts[depth:]
            if len(parts) < 2:
                if entry != listing:
                    yield Problem(path=entry.path, why="lies beside the repositories and is in none")
                continue
            repository, inner = parts[0], "/".join(parts[1:])
            for student, pushed in owners.of(repository):
                yield SubmittedFile(student=student, entry=entry, inner=inner, submitted_at=pushed)
                if rows and not owners.named(repository) and repository not in strangers:
                    strangers.add(repository)
                    yield EmptySlot(student=student, path=repository, why=STRANGER)
        for folder in tree.bare:
            parts = tuple(folder.split("/"))
            if len(parts) == depth + 1:
                for student, _ in owners.of(parts[-1]):
                    yield EmptySlot(student=student, path=folder)

    def _listing(self, tree: Tree, depth: int) -> tuple[Entry | None, list[dict[str, str]]]:
        """The grades CSV beside the clones and its rows, or those that were given as the roster.

        Looked for only where all else are folders: elsewhere the files are the students'.
        """
        if self._grades:
            return None, self._grades
        files = [place.name for place in places(tree, depth) if not place.is_folder]
        if not files or not all(name.endswith(".csv") for name in files):
            return None, []
        for entry in tree.entries:
            if len(entry.parts) == depth + 1:
                rows = _grades_in(tree, entry)
                if rows:
                    return entry, rows
        return None, []


class _Owners:
    """Whose each repository is: by the CSV, else by its name."""

    def __init__(self, rows: Sequence[dict[str, str]], here: Sequence[Place], assignment: str) -> None:
        self._by_name: dict[str, list[tuple[Student, datetime | None]]] = {}
        taken = {_folded(row["roster_identifier"]) for row in rows}
        for row in filter(_has_repository, rows):
            owners = self._by_name.setdefault(row["student_repository_name"], [])
            owners.append((_student(row, taken), _pushed(row)))
        self._spelt = {name.casefold(): name for name in self._by_name}
        self._folders = {place.name for place in here}
        self._assignment = assignment

    def named(self, repository: str) -> list[tuple[Student, datetime | None]]:
        """Those whom the CSV names: as it is written there, or in another case where nothing else is that."""
        spelt = self._spelt.get(repository.casefold(), "")
        if repository not in self._by_name and spelt in self._folders:
            return []
        return self._by_name.get(repository, self._by_name.get(spelt, []))

    def of(self, repository: str) -> list[tuple[Student, datetime | None]]:
        """The same; without the CSV a repository's name is the assignment's and the login behind it."""
        login = repository.removeprefix(f"{self._assignment}-") if self._assignment else repository
        return self.named(repository) or [(Student(id=login, lms_id=login, login=login), None)]


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
    taken = {_folded(row["roster_identifier"]) for row in rows}
    students = (_student(row, taken) for row in reversed(rows))
    people = {student.id: student for student in students if student.id}
    return Roster(reversed(people.values()))


def _grades_in(tree: Tree, entry: Entry) -> list[dict[str, str]]:
    try:
        return grades_rows(tree.read(entry, LISTING_BYTES))
    except UnreadableError:
        return []


def _assignment(tree: Tree, depth: int) -> str:
    """The assignment by the name of the folder that holds the clones; "" where Classroom has not named it."""
    folder = tree.label if depth == 0 else wrapper(tree)
    return folder.removesuffix(SUFFIX) if folder.endswith(SUFFIX) else ""


def _starts(rows: Sequence[dict[str, str]], assignment: str) -> tuple[str, ...]:
    """What the names of an assignment's repositories begin with."""
    by_csv = {
        row["student_repository_name"].removesuffix(row["github_username"])
        for row in rows
        if row["github_username"] and row["student_repository_name"].endswith(f"-{row['github_username']}")
    }
    return (*sorted(by_csv), *([f"{assignment}-"] if assignment else []))


def _student(row: dict[str, str], taken: set[str]) -> Student:
    """Whom a row names. A login stands in for an identifier unless it is somebody else's identifier."""
    login, identifier = row["github_username"], row["roster_identifier"]
    if not identifier:
        identifier = f"github-{login}" if _folded(login) in taken and login else login
    return Student(id=identifier, lms_id=login, login=login, section=row.get("group_name", ""))


def _has_repository(row: dict[str, str]) -> bool:
    return bool(row["student_repository_name"])


def _folded(text: str) -> str:
    return text.strip().casefold()


def _pushed(row: dict[str, str]) -> datetime | None:
    try:
        return datetime.fromisoformat(row["submission_timestamp"].replace(" UTC", "+00:00"))
    except ValueError:
        return None

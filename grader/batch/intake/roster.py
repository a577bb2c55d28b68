"""The class list: who is who, whatever the learning system calls them.

A roster is a CSV with a heading row. Headings are recognised in any order and in the spellings that
the learning systems themselves export, so that a Canvas gradebook, a Moodle grading worksheet or a
GitHub Classroom list can be given as it was downloaded.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from grader.batch.intake.handins import Student
from grader.errors import BadInput

HEADINGS = {
    "id": ("id", "student id", "student_id", "sid", "identifier", "roster_identifier", "canvas user id"),
    "name": ("name", "full name", "student", "student name", "student_name"),
    "email": ("email", "email address", "e-mail", "mail"),
    "section": ("section", "sections", "section_name", "group", "groups"),
    "sis_id": ("sis user id", "sis_user_id", "sis_id"),
    "login": ("sis login id", "login", "username", "github_username", "github"),
}
"""Field of `Student`: the headings that it goes by, in lower case."""

FIRST_NAME, LAST_NAME = ("first name", "first_name", "given name"), ("last name", "last_name", "surname")


class Roster:
    """Students by everything that may name them. An empty roster knows nobody and objects to nobody."""

    def __init__(self, students: Iterable[Student] = ()) -> None:
        self.students = tuple(students)
        self._by_key: dict[str, list[Student]] = {}
        for student in self.students:
            for key in dict.fromkeys(_keys(student)):
                self._by_key.setdefault(key, []).append(student)

    def __bool__(self) -> bool:
        return bool(self.students)

    def find(self, candidate: Student) -> Student:
        """The roster's record of this person, keeping what the learning system called them.

        Somebody who is not on the roster comes back as they are. What two people go by names neither.
        """
        for fitting in self._fitting(candidate):
            if len(fitting) == 1:
                (known,) = fitting
                lms_id = candidate.lms_id or known.lms_id
                return msgspec.structs.replace(known, lms_id=lms_id, name=known.name or candidate.name)
        return candidate

    def rivals(self, candidate: Student) -> list[Student]:
        """Those whom somebody that `find` does not find might be, all alike."""
        return next((fitting for fitting in self._fitting(candidate) if len(fitting) > 1), [])

    def _fitting(self, candidate: Student) -> Iterator[list[Student]]:
        """By each thing that names the candidate, surest first: whom it fits.

        Where nothing else does, an id may be a name: people call folders for themselves.
        """
        for key in (*_keys(candidate), *_name_keys(candidate.id)):
            yield self._by_key.get(key, [])

    def knows(self, student: Student) -> bool:
        """Whether this person is on the roster."""
        return any(known.id == student.id for known in self.students)


def _keys(student: Student) -> list[str]:
    """What names a person, surest first. Words are joined, since Canvas joins them."""
    sure = [student.id, student.lms_id, student.sis_id, student.login, student.email]
    keys = [f"id {_folded(value)}" for value in sure if value]
    keys.extend(_name_keys(student.name))
    words = name_words(student.name)
    if words:
        keys.append("joined " + "".join(words))
        if "," not in student.name:  # "Jane Doe" is `doejane` to Canvas, which sorts by surname
            keys.append("joined " + "".join((*words[-1:], *words[:-1])))
    return keys


def _name_keys(name: str) -> list[str]:
    """The words in any order: `Jane Doe` and `Doe, Jane` are one."""
    words = name_words(name)
    return ["name " + " ".join(sorted(words))] if words else []


def _folded(value: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


def name_words(name: str) -> list[str]:
    """The words of a name without case, accents' encodings or punctuation."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold().replace("_", " "))


def read_roster(path: Path) -> Roster:
    """The roster at `path`. Raises BadInput when it cannot be read, names nobody, or names one id twice."""
    rows = read_csv(path)
    if not rows:
        raise BadInput(
            f"The roster {path} is empty.", advice="Its first row should be: id,name,email,section."
        )
    columns = _columns(rows[0])
    if not columns.keys() & {"id", "name", "first", "login", "email"}:
        raise BadInput(
            f"The roster {path} has no column that says who is who.",
            advice="Its first row should be: id,name,email,section.",
        )
    students = [_student(row, columns) for row in rows[1:]]
    people = [student for student in students if student is not None]
    seen: set[str] = set()
    for student in people:
        if student.id in seen:
            raise BadInput(f"The roster {path} has the id {student.id!r} twice.")
        seen.add(student.id)
    return Roster(people)


def read_csv(path: Path) -> list[list[str]]:
    """The rows of a CSV as spreadsheets save it: UTF-8, UTF-16 with a mark, else Latin-1; `,` `;` or tab.

    Raises BadInput when there is no such file.
    """
    try:
        text = decoded(path.read_bytes())
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}.") from None
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as problem:
        raise BadInput(f"{path} is not a CSV file: {problem}.") from None


def decoded(data: bytes) -> str:
    """Text of a file that a spreadsheet wrote."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _columns(heading: list[str]) -> dict[str, int]:
    """Field: the column it is in. `first` and `last` where the name is in two columns."""
    found: dict[str, int] = {}
    spellings = {**HEADINGS, "first": FIRST_NAME, "last": LAST_NAME}
    for index, title in enumerate(heading):
        for field, spelt in spellings.items():
            if title.strip().casefold() in spelt:
                found.setdefault(field, index)
    return found


def _student(row: list[str], columns: dict[str, int]) -> Student | None:
    """One row as a student; None for rows that are nobody (Canvas's `Points Possible`)."""
    cells = {field: row[index].strip() for field, index in columns.items() if index < len(row)}
    first, last = cells.pop("first", ""), cells.pop("last", "")
    if not cells.get("name"):
        cells["name"] = f"{first} {last}".strip()
    participant = re.fullmatch(r"\D*\b(\d+)", cells.get("id", ""))
    if participant and not cells["id"].isdigit():  # Moodle's "Participant 123"
        cells["id"] = participant[1]
    cells["id"] = cells.get("id") or cells.get("login") or cells.get("email") or cells["name"]
    if not cells["id"] or cells["name"].casefold() in ("points possible", "student, test"):
        return None
    return Student(**cells)

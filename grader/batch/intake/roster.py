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
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path

import msgspec

from grader.batch.intake.handins import Student
from grader.errors import BadInput

HEADINGS = {
    "id": (
        *("id", "student id", "student_id", "sid", "identifier", "roster_identifier", "canvas user id"),
        *("matrikelnummer", "matrikelnr", "matrikelnr.", "matrikel-nr."),
    ),
    "name": (
        *("name", "full name", "student", "student name", "student_name", "vollständiger name"),
        *("nom complet", "nombre completo", "nome completo", "volledige naam", "koko nimi"),
    ),
    "email": ("email", "email address", "e-mail", "mail", "e-mail-adresse", "e-mailadresse"),
    "section": ("section", "sections", "section_name", "group", "groups", "gruppe", "gruppen"),
    "sis_id": ("sis user id", "sis_user_id", "sis_id"),
    "login": ("sis login id", "login", "username", "github_username", "github"),
}
"""Field of `Student`: the headings that it goes by, in lower case."""

FIRST_NAME = ("first name", "first_name", "given name", "vorname")
LAST_NAME = ("last name", "last_name", "surname", "nachname", "familienname")

PARTICIPANT = re.compile(r"(?P<word>\D*[^\d\s]\D*?)(?P<number>\d+)")
"""How Moodle's worksheets identify people, in the language of the course: `Participant 501`."""
PARTICIPANT_WORDS = ("participant", "teilnehmer/in", "teilnehmer", "teilnehmer*in", "teilnehmer:in")
"""Those that may stand right before the number: without a space, `s501` is rather somebody's own id."""

PARTICLES = {"al", "bin", "da", "de", "del", "den", "der", "di", "dos", "du", "el", "ibn", "la", "le"}
PARTICLES |= {"jr", "sr", "st", "van", "von", "zu"}
"""Parts of names that many people share."""
TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


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

        Somebody who is not on the roster comes back as they are, but never under an id that is another's
        there. What two people go by names neither.
        """
        for fitting in self._fitting(candidate):
            if len(fitting) == 1:
                (known,) = fitting
                lms_id = candidate.lms_id or known.lms_id
                return msgspec.structs.replace(known, lms_id=lms_id, name=known.name or candidate.name)
        if any(known.id == candidate.id for known in self.students):  # and that is somebody else
            return msgspec.structs.replace(candidate, id=f"lms-{candidate.id}")
        return candidate

    def rivals(self, candidate: Student) -> list[Student]:
        """Those whom somebody that `find` does not find might be, all alike."""
        return next((fitting for fitting in self._fitting(candidate) if len(fitting) > 1), [])

    def holder(self, candidate: Student) -> Student | None:
        """Who on the roster goes by the candidate's number and is plainly somebody else."""
        for key in _sure_keys(candidate):
            for known in self._by_key.get(key, []):
                if names_differ(known.name, candidate.name):
                    return known
        return None

    def _fitting(self, candidate: Student) -> Iterator[list[Student]]:
        """By each thing that names the candidate, surest first: whom it fits.

        A number may be one person's on the roster and another's in the learning system, so a name that
        contradicts it counts for more; an e-mail address is one person's everywhere. Where nothing else
        fits, an id may be a name: people call folders for themselves.
        """
        named = self._named(candidate)
        for key in _sure_keys(candidate):
            fitting = self._by_key.get(key, [])
            if "@" not in key:
                fitting = [known for known in fitting if not _is_another(known, candidate, named)]
            yield fitting
        for key in (*_full_name_keys(candidate.name), *_name_keys(candidate.id)):
            yield self._by_key.get(key, [])

    def _named(self, candidate: Student) -> list[Student]:
        """Whom the candidate's name fits."""
        fits = (self._by_key.get(key, []) for key in _full_name_keys(candidate.name))
        return next((fitting for fitting in fits if fitting), [])


def _is_another(known: Student, candidate: Student, named: Sequence[Student]) -> bool:
    """Whether somebody of the candidate's number is another person: one who alone has the name is there,
    or the names are plainly two people's."""
    if known in named:
        return False
    return len(named) == 1 or names_differ(known.name, candidate.name)


def names_differ(one: str, other: str) -> bool:
    """Whether two full names are plainly those of two people: they have no word in common.

    Nothing is said of names of which one is missing, or is in a script of its own.
    """
    first, second = _spellings(one), _spellings(other)
    if not first or not second or any(map(str.isascii, first)) != any(map(str.isascii, second)):
        return False
    if first & second:
        return False
    if len(name_words(one)) > 1 and len(name_words(other)) > 1:
        return True
    pairs = [*product(first, second), *product(second, first)]  # Canvas joins all words into one
    return not any(len(part) > 2 and part in whole for part, whole in pairs)


def _spellings(name: str) -> set[str]:
    """The words of a name, but for particles, as systems write them: accents kept, left off, transcribed
    or their letters left out."""
    folded = unicodedata.normalize("NFC", name).casefold()
    bare = "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
    dropped = "".join(char for char in folded if char.isascii())
    return {
        word for form in (folded, bare, folded.translate(TRANSCRIBED), dropped) for word in name_words(form)
    } - PARTICLES


def _keys(student: Student) -> list[str]:
    return [*_sure_keys(student), *_full_name_keys(student.name)]


def _sure_keys(student: Student) -> list[str]:
    """What a person alone should go by."""
    sure = [student.id, student.lms_id, student.sis_id, student.login, student.email]
    return [f"id {_folded(value)}" for value in sure if value]


def _full_name_keys(name: str) -> list[str]:
    """The name's words, and joined, since Canvas joins them."""
    keys = _name_keys(name)
    words = name_words(name)
    if words:
        keys.append("joined " + "".join(words))
        if "," not in name:  # "Jane Doe" is `doejane` to Canvas, which sorts by surname
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
    columns = _columns(rows)
    if not columns.keys() & {"id", "name", "first", "login", "email"}:
        raise BadInput(
            f"The roster {path} has no column that says who is who.",
            advice="Its first row should be: id,name,email,section.",
        )
    _keep_numbers(rows[1:], columns.get("id"))
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
    told = re.match(r'"?sep=(.)"?\r?\n', text)  # what Excel is told the delimiter by
    text = text[told.end() :] if told else text
    heading = text.split("\n", 1)[0]
    delimiter = told[1] if told else max(",;\t", key=heading.count)
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


def _columns(rows: list[list[str]]) -> dict[str, int]:
    """Field: the column it is in. `first` and `last` where the name is in two columns."""
    found: dict[str, int] = {}
    spellings = {**HEADINGS, "first": FIRST_NAME, "last": LAST_NAME}
    for index, title in enumerate(rows[0]):
        for field, spelt in spellings.items():
            if title.strip().casefold() in spelt:
                found.setdefault(field, index)
    return {**_by_cells(rows, found), **found}


def _by_cells(rows: list[list[str]], found: dict[str, int]) -> dict[str, int]:
    """What the cells tell where a worksheet of Moodle's has headings in a language that is not known here:
    participants, the name beside them, and what has an `@`."""
    free = [index for index in range(len(rows[0])) if index not in found.values()]
    identifier = found.get("id", next((i for i in free if _are_participants(_cells(rows[1:], i))), None))
    if identifier is None or not _are_participants(_cells(rows[1:], identifier)):
        return {}
    told = {"id": identifier}
    names = _cells(rows[1:], identifier + 1)
    if identifier + 1 in free and not found.keys() & {"first", "last"} and _are_names(names):
        told["name"] = identifier + 1
    for index in free:
        cells = [cell for cell in _cells(rows[1:], index) if cell]
        if cells and all("@" in cell for cell in cells):
            told.setdefault("email", index)
    return told


def _cells(rows: list[list[str]], index: int) -> list[str]:
    return [row[index].strip() if index < len(row) else "" for row in rows]


def _are_participants(cells: list[str]) -> bool:
    """Whether it is one word in every cell that holds anything, and a number that no other has."""
    told = [cell for cell in cells if cell]
    hits = [PARTICIPANT.fullmatch(cell) for cell in told]
    words = {hit["word"] for hit in hits if hit}
    if len(words) != 1 or not all(hits) or len(set(told)) < len(told):
        return False
    (word,) = words
    return word[-1].isspace() or word.casefold() in PARTICIPANT_WORDS


def _are_names(cells: list[str]) -> bool:
    """Whether these may be names: marked blindly, there stands one of a few words in every row instead."""
    return 2 * len(set(cells)) > len(cells) and not any("@" in cell or cell.isdigit() for cell in cells)


def _keep_numbers(rows: list[list[str]], identifier: int | None) -> None:
    """Leaves of Moodle's participants their numbers, by which its zips call them."""
    if identifier is not None and _are_participants(_cells(rows, identifier)):
        for row in rows:
            if identifier < len(row):
                row[identifier] = re.sub(r"\D", "", row[identifier])


def _student(row: list[str], columns: dict[str, int]) -> Student | None:
    """One row as a student; None for rows that are nobody (Canvas's `Points Possible`)."""
    cells = {field: row[index].strip() for field, index in columns.items() if index < len(row)}
    first, last = cells.pop("first", ""), cells.pop("last", "")
    if not cells.get("name"):
        cells["name"] = f"{first} {last}".strip()
    cells["id"] = cells.get("id") or cells.get("login") or cells.get("email") or cells["name"]
    if not cells["id"] or cells["name"].casefold() in ("points possible", "student, test"):
        return None
    return Student(**cells)

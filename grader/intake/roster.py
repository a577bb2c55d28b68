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
from collections.abc import Iterable
from pathlib import Path

from grader.errors import BadInput
from grader.intake.handins import Student
from grader.records import Record

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


class Claim(Record, frozen=True):
    """What the roster makes of somebody whom a learning system names."""

    known: Student | None = None
    """Who it is; None for somebody who is not on the roster."""
    strength: int = 0
    """How surely: of several who claim to be one person, the surest is."""
    contradiction: str = ""
    """Why it must not be believed: what it says of itself are two people."""


BY_ID, BY_KEY, BY_FOLDED, BY_EXACT_NAME, BY_NAME = 5, 4, 3, 2, 1


class Roster:
    """Students by everything that may name them. An empty roster knows nobody and objects to nobody.

    Rules
    - Id and name must agree: whoever has somebody's number, login or address and another name is nobody.
    - A login is chosen by its owner. Where the roster has logins it is compared with those only, and it is
      never read as a name.
    - A name alone names somebody only where nothing surer is known of either.
    """

    def __init__(self, students: Iterable[Student] = ()) -> None:
        self.students = tuple(students)
        self._has_logins = any(student.login for student in self.students)
        self._by_login: dict[str, list[Student]] = {}
        self._by_key: dict[str, list[Student]] = {}
        self._by_name: dict[str, list[Student]] = {}
        for student in self.students:
            _add(self._by_login, [_folded(student.login)], student)
            numbers = [key for key in _sure_keys(student) if key != student.login]
            _add(self._by_key, map(_folded, [student.id, *numbers]), student)
            _add(self._by_name, [*_orders(student.name), _sorted_words(student.name)], student)

    def __bool__(self) -> bool:
        return bool(self.students)

    def claim(self, candidate: Student) -> Claim:
        """Who on the roster this is, how surely, or why it cannot be believed."""
        if not self.students:
            return Claim()
        holders = self._holders(candidate)
        if len(holders) > 1:
            several = " and of ".join(known.called for known in holders[:2])
            return Claim(contradiction=f"has what is of {several} on the roster")
        if holders:
            return self._checked(holders[0], candidate)
        if any(_folded(known.id) == _folded(candidate.id) for known in self.students):
            return Claim(contradiction="has as its login what is somebody's id on the roster")
        named = self.named(candidate)
        if len(named) != 1:
            return Claim()
        exact = named[0].name in (candidate.name, candidate.id)
        return Claim(known=named[0], strength=BY_EXACT_NAME if exact else BY_NAME)

    def named(self, candidate: Student) -> list[Student]:
        """Those who have the candidate's name. People call folders for themselves, so an id may be one."""
        found = self._by_name.get(letters(candidate.name), []) if candidate.name else []
        if found or candidate.login:
            return found
        return self._by_name.get(_sorted_words(candidate.id), [])

    def _checked(self, known: Student, candidate: Student) -> Claim:
        """The claim to be the holder of a number; another name refutes it, or a name that is another's."""
        named = self.named(candidate) if candidate.name and not known.name else []
        if not names_agree(known.name, candidate.name) or len(named) == 1:
            return Claim(contradiction=f"has the number of {known.called} on the roster, and another name")
        if candidate.id == known.id:
            return Claim(known=known, strength=BY_ID)
        is_exact = not set(_sure_keys(candidate)).isdisjoint(_sure_keys(known))
        return Claim(known=known, strength=BY_KEY if is_exact else BY_FOLDED)

    def _holders(self, candidate: Student) -> list[Student]:
        """Those who go by any of the candidate's numbers, logins or addresses."""
        login = candidate.login
        found: dict[str, Student] = {}
        for key in _sure_keys(candidate):
            held = self._by_login if key == login and self._has_logins else self._by_key
            folded = held.get(_folded(key), [])
            if not folded and not login:  # folders are called by logins too
                folded = self._by_login.get(_folded(key), [])
            exact = [known for known in folded if key in _sure_keys(known)]
            found |= {known.id: known for known in exact or folded}
        return list(found.values())


def names_agree(one: str, other: str) -> bool:
    """Whether two names may be one person's: their letters are the same, whatever their case, and whichever
    part stands first. A missing name agrees with all."""
    first, second = letters(one), letters(other)
    return not first or not second or first in _orders(other) or second in _orders(one)


def letters(name: str) -> str:
    """The letters of a name in lower case."""
    return "".join(char for char in _folded(name) if char.isalpha())


def _orders(name: str) -> set[str]:
    """The letters with each word of the name in front: "Jane Doe" is `doejane` to Canvas."""
    words = [letters(word) for word in re.split(r"[\W_]+", unicodedata.normalize("NFC", name))]
    return {letters("".join((*words[place:], *words[:place]))) for place in range(len(words))} - {""}


def _sorted_words(name: str) -> str:
    """The words in any order: `Jane Doe` and `Doe, Jane` are one."""
    return " ".join(["", *sorted(name_words(name))])


def _add(index: dict[str, list[Student]], keys: Iterable[str], student: Student) -> None:
    for key in dict.fromkeys(keys):
        if key.strip():
            index.setdefault(key, []).append(student)


def _sure_keys(student: Student) -> list[str]:
    """What a person alone should go by."""
    sure = [student.id, student.lms_id, student.sis_id, student.login, student.email]
    return [value for value in sure if value]


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

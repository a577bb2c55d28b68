"""Moodle's offline grading worksheet, filled in place.

Moodle takes back the very worksheet that the instructor downloaded, recognises rows by `Identifier`
and columns by headings in the course's language, and skips rows whose `Last modified (grade)` is not
what it knows. So only the cells of the grade and the comment are replaced; every other byte of the
file stays. Headings are recognised in common languages, and otherwise by where they stand: the
identifier is a word and a number, the grade stands before the column that has the same maximum in
every row.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

from grader.errors import BadInput
from grader.export.cells import Cell, Sheet
from grader.export.exporter import Exporter, ExportOptions, ExportResult, no_mark, write_bytes
from grader.export.wording import feedback, number
from grader.grading.marks import Ledger
from grader.intake import Student
from grader.intake.roster import HEADINGS, PARTICIPANT, names_agree
from grader.records import Record

GRADE = {
    "grade",
    "bewertung",
    "calificación",
    "note",
    "valutazione",
    "nota",
    "cijfer",
    "ocena",
    "оценка",
    "成绩",
}
MAXIMUM = {"maximum grade", "höchste bewertung", "maximale bewertung", "calificación máxima", "note maximale"}
MAXIMUM |= {"valutazione massima", "nota máxima", "maximumcijfer", "maximum cijfer", "最高成绩"}
COMMENTS = {"feedback comments", "feedback als kommentar", "comentarios de retroalimentación"}
COMMENTS |= {
    "commentaires de feedback",
    "commenti",
    "comentários de feedback",
    "feedback (tekst)",
    "反馈评论",
}
EMAIL = {"email address", "e-mail-adresse", "dirección de correo", "adresse de courriel", "indirizzo email"}

NOTHING = ("", "-")
"""What stands in a cell that nobody has filled in."""


class _Columns(Record, frozen=True):
    """Where things stand in the worksheet."""

    identifier: int
    grade: int
    maximum: int
    comments: int | None
    email: int | None
    name: int | None


class Moodle(Exporter):
    """What Moodle's "Upload grading worksheet" reads."""

    name = "moodle"
    about = "the offline worksheet that you downloaded (`--worksheet`), filled in"
    rank = 4
    suffix = ".csv"

    def validate(self, options: ExportOptions) -> None:
        """Raises BadInput without a worksheet, or for a file that is none."""
        _worksheet(options)

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes a filled copy of the worksheet under its own name. Raises BadInput."""
        worksheet, sheet, columns = _worksheet(options)
        notes = _fill(sheet, columns, ledger)
        path = out / worksheet.name
        if path.resolve() == worksheet.resolve():
            path = out / f"filled-{worksheet.name}"
        return ExportResult(paths=(write_bytes(path, sheet.data()),), notes=tuple(notes))


def _worksheet(options: ExportOptions) -> tuple[Path, Sheet, _Columns]:
    if options.worksheet is None:
        raise BadInput(
            "Moodle takes back its own worksheet only.",
            advice="Download it (Grading action: Download grading worksheet) and give it as --worksheet.",
        )
    try:
        sheet = Sheet(options.worksheet.read_bytes())
    except OSError as problem:
        raise BadInput(f"The worksheet {options.worksheet} cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"The worksheet {options.worksheet} is no text.") from None
    return options.worksheet, sheet, _columns(sheet, options.worksheet)


def _columns(sheet: Sheet, path: Path) -> _Columns:
    headings = [cell.value.strip().casefold() for cell in sheet.rows[0]] if sheet.rows else []
    rows = sheet.rows[1:]
    identifier = _first(
        range(len(headings)),
        lambda index: (
            bool(rows) and all(index < len(row) and PARTICIPANT.fullmatch(row[index].value) for row in rows)
        ),
    )
    maximum = _titled(headings, MAXIMUM)
    if maximum is None:
        maximum = _first(range(1, len(headings)), lambda index: _is_constant_number(rows, index))
    grade = _titled(headings, GRADE)
    if grade is None and maximum is not None:
        grade = maximum - 1
    if identifier is None or grade is None or maximum is None or grade == identifier:
        raise BadInput(
            f"{path} does not look like Moodle's offline grading worksheet.",
            advice="It has a column of participants and one of maximum grades; scales cannot be filled in.",
        )
    comments = _titled(headings, COMMENTS)
    return _Columns(
        identifier=identifier,
        grade=grade,
        maximum=maximum,
        comments=comments,
        email=_titled(headings, EMAIL),
        name=_titled(headings, set(HEADINGS["name"])),
    )


def _first(indexes: range, fits: Callable[[int], bool]) -> int | None:
    return next((index for index in indexes if fits(index)), None)


def _titled(headings: list[str], titles: set[str]) -> int | None:
    return next((index for index, heading in enumerate(headings) if heading in titles), None)


def _is_constant_number(rows: list[list[Cell]], index: int) -> bool:
    """Whether every row has the same number above 0 here and the column before has numbers or nothing."""
    values = {row[index].value for row in rows if index < len(row)}
    before = [row[index - 1].value for row in rows if index < len(row)]
    return (
        len(values) == 1
        and (as_number(values.pop()) or 0) > 0
        and all(not value or as_number(value) is not None for value in before)
    )


def as_number(text: str) -> float | None:
    """`10.00`, `10,00`; None for anything else."""
    if not re.fullmatch(r"\s*\d+([.,]\d+)?\s*", text):
        return None
    return float(text.replace(",", "."))


def _fill(sheet: Sheet, columns: _Columns, ledger: Ledger) -> list[str]:
    """Fills in who is found; notes of who is not, on either side."""
    people = _People(ledger)
    worth = sum(ledger.worth(kata.slug) for kata in ledger.katas)
    notes, met, replaced = [], set(), 0
    for row in sheet.rows[1:]:
        student = people.of_row(row, columns)
        maximum = as_number(row[columns.maximum].value)
        if student is None or maximum is None or not worth:
            continue
        met.add(student.id)
        if note := no_mark(ledger, student):
            notes.append(note)
        if note or not any(mark for _, mark in ledger.of(student)):
            continue
        grade = number(ledger.total(student) * maximum / worth)
        comma = "," in row[columns.maximum].value
        new = {columns.grade: grade.replace(".", ",") if comma else grade}
        if columns.comments is not None and columns.comments < len(row):
            new[columns.comments] = _comment(ledger, student)
        replaced += any(_is_lost(row[index].value, value) for index, value in new.items())
        for index, value in new.items():
            sheet.replace(row[index], value)
    if replaced:
        rows = "1 row" if replaced == 1 else f"{replaced} rows"
        notes.append(f"{rows} of the worksheet had another grade or comment, which is replaced")
    for student in ledger.students:
        handed_in = any(mark is not None for _, mark in ledger.of(student))
        if handed_in and student.id not in met:
            notes.append(f"{student.id} is not in the worksheet")
    if columns.comments is None:
        notes.append(
            "the worksheet has no column of comments that is known here, so only grades are filled in"
        )
    return notes


def _is_lost(old: str, new: str) -> bool:
    """Whether something else stood in the cell; `50.00` is `50`."""
    old = old.strip()
    return old not in (*NOTHING, new) and (as_number(old) is None or as_number(old) != as_number(new))


class _People:
    """Who a row of the worksheet is, by what is surest first."""

    def __init__(self, ledger: Ledger) -> None:
        self._by_lms_id: dict[str, Student] = {}
        self._by_email: dict[str, Student] = {}
        self._by_id: dict[str, Student] = {}
        for student in ledger.students:
            if student.lms_id != student.login:
                self._by_lms_id.setdefault(student.lms_id, student)
            self._by_id.setdefault(student.id, student)
            if student.email:
                self._by_email.setdefault(student.email.casefold(), student)
        for student in ledger.students:  # behind those whose address it is: a login is chosen by its owner
            for name in (student.lms_id, student.id):
                if "@" in name:
                    self._by_email.setdefault(name.casefold(), student)

    def of_row(self, row: list[Cell], columns: _Columns) -> Student | None:
        """By the participant's number as Moodle's zips have it, by e-mail address; a number that only the
        roster has counts where the names do not contradict it, since it may be its own."""
        if len(row) <= max(columns.identifier, columns.grade, columns.maximum):
            return None
        hit = PARTICIPANT.fullmatch(row[columns.identifier].value)
        number = hit["number"] if hit else ""
        found = self._by_lms_id.get(number) if number else None
        found = found or self._by_email.get(_value(row, columns.email).casefold())
        if found is not None:
            return found
        known = self._by_id.get(number)
        agrees = known is not None and names_agree(known.name, _value(row, columns.name))
        return known if agrees else None


def _value(row: list[Cell], index: int | None) -> str:
    return "" if index is None or index >= len(row) else row[index].value.strip()


def _comment(ledger: Ledger, student: Student) -> str:
    """Moodle takes comments as HTML, so what learners printed is escaped."""
    parts = [feedback(kata, mark) for kata, mark in ledger.of(student) if mark is not None]
    return html.escape("\n".join(parts)).replace("\n", "<br />")

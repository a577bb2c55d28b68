"""Canvas's gradebook import: columns of students, then one per assignment, `Title (id)`.

A title that Canvas does not know makes a new assignment there, so the id is insisted on. Students
are known by Canvas's own id (column `ID`); a cell left empty leaves what Canvas has.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from grader.errors import BadInput
from grader.export.exporter import Exporter, ExportOptions, ExportResult, no_mark, write_text
from grader.export.tables import rows_as_csv, safe
from grader.export.wording import number
from grader.grading.marks import Ledger
from grader.intake import Student
from grader.records import Kata

HEADING = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
TITLE = re.compile(r".*\S \(\d+\)")


class Canvas(Exporter):
    """What Canvas's "Import" of the gradebook reads."""

    name = "canvas"
    about = (
        'Canvas\'s gradebook import; `--assignment "Title (123)"` as its export heads the column,'
        " or `gather_readings=Title (124)` for one kata"
    )
    rank = 3
    suffix = ".csv"

    def validate(self, options: ExportOptions) -> None:
        """Raises BadInput without assignments, or for one that Canvas would not know."""
        _columns(options, options.katas)

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `canvas.csv`. Raises BadInput without assignments, or when nobody has a Canvas id."""
        columns = _columns(options, options.katas or ledger.katas)
        rows = [
            [*HEADING, *(safe(title) for title, _ in columns)],
            ["    Points Possible", "", "", "", "", *(number(_worth(ledger, of)) for _, of in columns)],
        ]
        unknown, unjudged = [], []
        for student in ledger.students:
            canvas_id = _canvas_id(student)
            if not canvas_id and not student.sis_id and not student.login:
                unknown.append(student.id)
                continue
            known = (student.name or student.id, canvas_id, student.sis_id, student.login, student.section)
            unjudged += [note for _, of in columns if (note := no_mark(ledger, student, of))]
            rows.append(
                [*(safe(value) for value in known), *(_cell(ledger, student, of) for _, of in columns)]
            )
        if len(rows) == 2:
            raise BadInput(
                "No student of this store has a Canvas id.",
                advice="Grade Canvas's own zip, or give its gradebook export as --roster.",
            )
        path = write_text(out / "canvas.csv", rows_as_csv(rows))
        strangers = [f"{name} has no Canvas id and is left out" for name in unknown]
        return ExportResult(paths=(path,), notes=(*strangers, *unjudged))


def _canvas_id(student: Student) -> str:
    return next((value for value in (student.lms_id, student.id) if value.isdigit()), "")


def _columns(options: ExportOptions, katas: Sequence[Kata]) -> list[tuple[str, tuple[str, ...]]]:
    """(title, slugs of the katas that it sums) of each column."""
    if not options.assignments:
        raise BadInput(
            "Canvas needs to know which assignment the marks are for.",
            advice='Give --assignment "Title (123)" as its gradebook export heads the column.',
        )
    return [_column(assignment, katas) for assignment in options.assignments]


def _column(assignment: str, katas: Sequence[Kata]) -> tuple[str, tuple[str, ...]]:
    slugs = tuple(kata.slug for kata in katas)
    named = {
        name: kata.slug
        for kata in katas
        for name in (kata.slug, kata.name, f"{kata.number}", f"{kata.number:02d}")
    }
    front, _, title = assignment.partition("=")
    if title and front in named:
        assignment, slugs = title, (named[front],)
    elif title and (near := difflib.get_close_matches(front, named, n=1)):
        raise BadInput(f"There is no kata {front!r} for {title!r}.", advice=f"Did you mean {near[0]}=?")
    if not TITLE.fullmatch(assignment):
        raise BadInput(
            f"{assignment!r} is not an assignment as Canvas writes it.",
            advice='Take it from the heading of its gradebook export: "Title (123)", or slug="Title (123)".',
        )
    return assignment, slugs


def _worth(ledger: Ledger, slugs: tuple[str, ...]) -> float:
    return sum(ledger.worth(slug) for slug in slugs)


def _cell(ledger: Ledger, student: Student, slugs: tuple[str, ...]) -> str:
    """The sum over these katas; empty when nothing of them was handed in, or not all of it was judged."""
    if ledger.without_mark(student, slugs):
        return ""
    marks = [ledger.marks.get((student.id, slug)) for slug in slugs]
    points = [mark.points for mark in marks if mark is not None and mark.points is not None]
    return number(sum(points)) if points else ""

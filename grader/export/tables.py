"""CSV: wide (a row per student), long (a row per check)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.export.book import Given, Gradebook, Written, write_text
from grader.export.wording import number, printable
from grader.grading.marks import Ledger, Mark
from grader.intake import Student
from grader.records import CheckResult, Kata, Verdict

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula, the full-width forms too."""


def safe(text: str) -> str:
    """A cell of text that is text in every spreadsheet."""
    text = printable(text)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def rows_as_csv(rows: Iterable[Iterable[str]]) -> str:
    """RFC 4180: commas, CRLF."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


class Wide(Gradebook):
    """One row per student, one column per kata, the total behind."""

    name = "csv"
    about = "one row per student, one column per kata, total"
    suffix = ".csv"

    def write(self, ledger: Ledger, out: Path, given: Given) -> Written:
        """Writes `grades.csv`. An empty cell was not handed in, or could not be judged.

        A total is of what was judged; it is empty where that is nothing of what was handed in.
        """
        heading = ["Student ID", "Name", "Email", "Section"]
        heading += [kata.name for kata in ledger.katas] + ["Total"]
        worth = ["Points possible", "", "", "", *(number(ledger.worth(kata.slug)) for kata in ledger.katas)]
        worth.append(number(sum(ledger.worth(kata.slug) for kata in ledger.katas)))
        rows = [heading, worth, *(self._row(ledger, student) for student in ledger.students)]
        return Written(paths=(write_text(out / "grades.csv", rows_as_csv(rows)),))

    @staticmethod
    def _row(ledger: Ledger, student: Student) -> list[str]:
        cells = [safe(value) for value in (student.id, student.name, student.email, student.section)]
        points = [None if mark is None else mark.points for _, mark in ledger.of(student)]
        cells += ["" if mark is None else number(mark) for mark in points]
        return [*cells, "" if ledger.is_unjudged(student) else number(ledger.total(student))]


class Long(Gradebook):
    """One row per student, kata and check."""

    name = "csv-long"
    about = "one row per student, kata and check"
    suffix = ".csv"
    columns = (
        *("student_id", "name", "section", "kata", "attempts", "submitted_at", "late", "penalty_percent"),
        *("seed", "isolation", "check", "title", "verdict", "points", "max_points"),
        *("line", "misconception", "rationale"),
    )

    def write(self, ledger: Ledger, out: Path, given: Given) -> Written:
        """Writes `checks.csv`."""
        rows: list[Iterable[str]] = [self.columns]
        for student in ledger.students:
            for kata, mark in ledger.of(student):
                if mark is not None:
                    rows.extend(self._rows(student, kata, mark))
        return Written(paths=(write_text(out / "checks.csv", rows_as_csv(rows)),))

    @staticmethod
    def _rows(student: Student, kata: Kata, mark: Mark) -> Iterator[list[str]]:
        submitted = mark.attempt.submitted_at
        front = [
            safe(student.id),
            safe(student.name),
            safe(student.section),
            kata.name,
            str(mark.attempts),
            submitted.isoformat() if submitted else "",
            "late" if mark.late else "",
            number(mark.penalty_percent),
        ]
        if mark.judgement is None:
            yield [*front, *[""] * 10]
            return
        front += [str(mark.judgement.seed), mark.judgement.isolation.value]
        for check in mark.judgement.checks:
            yield front + _check_cells(check)


def _check_cells(check: CheckResult) -> list[str]:
    return [
        check.id,
        safe(check.title),
        check.verdict.value,
        "" if check.verdict is Verdict.JUDGE_ERROR else number(check.points),
        number(check.max_points),
        "" if check.line is None else str(check.line),
        check.misconception or "",
        safe(check.rationale or ""),
    ]

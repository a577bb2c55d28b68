"""CSV for people: a row per student."""

from __future__ import annotations

from pathlib import Path

from grader.export.exporter import Exporter, ExportOptions, ExportResult, write_text
from grader.export.tables import rows_as_csv, safe
from grader.export.wording import number
from grader.grading.marks import Ledger
from grader.intake import Student


class CsvTable(Exporter):
    """One row per student, one column per kata, the total behind."""

    name = "csv"
    about = "a row per student, a column per kata, the total"
    rank = 1
    suffix = ".csv"

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `grades.csv`. An empty cell was not handed in, or could not be judged.

        A total is of what was judged; it is empty where that is nothing of what was handed in.
        """
        heading = ["Student ID", "Name", "Email", "Section"]
        heading += [kata.name for kata in ledger.katas] + ["Total"]
        worth = ["Points possible", "", "", "", *(number(ledger.worth(kata.slug)) for kata in ledger.katas)]
        worth.append(number(sum(ledger.worth(kata.slug) for kata in ledger.katas)))
        rows = [heading, worth, *(self._row(ledger, student) for student in ledger.students)]
        return ExportResult(paths=(write_text(out / "grades.csv", rows_as_csv(rows)),))

    @staticmethod
    def _row(ledger: Ledger, student: Student) -> list[str]:
        cells = [safe(value) for value in (student.id, student.name, student.email, student.section)]
        points = [None if mark is None else mark.points for _, mark in ledger.of(student)]
        cells += ["" if mark is None else number(mark) for mark in points]
        return [*cells, "" if ledger.is_unjudged(student) else number(ledger.total(student))]

"""CSV for programs: a row per check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.export.exporter import Exporter, ExportOptions, ExportResult, write_text
from grader.export.tables import rows_as_csv, safe
from grader.export.wording import number
from grader.grading.marks import Ledger, Mark
from grader.intake import Student
from grader.records import CheckResult, Kata, Verdict


class CsvChecks(Exporter):
    """One row per student, kata and check."""

    name = "csv-long"
    about = "a row per student, kata and check, with seeds and our own errors"
    rank = 2
    suffix = ".csv"
    columns = (
        *("student_id", "name", "section", "kata", "attempts", "submitted_at", "late", "penalty_percent"),
        *("seed", "isolation", "check", "title", "verdict", "points", "max_points"),
        *("line", "misconception", "rationale"),
    )

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `checks.csv`."""
        rows: list[Iterable[str]] = [self.columns]
        for student in ledger.students:
            for kata, mark in ledger.of(student):
                if mark is not None:
                    rows.extend(self._rows(student, kata, mark))
        return ExportResult(paths=(write_text(out / "checks.csv", rows_as_csv(rows)),))

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

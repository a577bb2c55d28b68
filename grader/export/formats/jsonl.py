"""`results.jsonl`: every attempt with its whole judgement, a line each, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.export.exporter import Exporter, ExportOptions, ExportResult, write_text
from grader.grading.marks import Ledger, Mark


class Lines(Exporter):
    """What other formats are derived from, as text."""

    name = "jsonl"
    about = "a line per student and kata with the whole judgement"
    rank = 7
    suffix = ".jsonl"

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `results.jsonl`; `judgement` is the object that `kata check --json` prints."""
        lines = [json.dumps(item) for item in _objects(ledger)]
        return ExportResult(
            paths=(write_text(out / "results.jsonl", "".join(f"{line}\n" for line in lines)),)
        )


def _objects(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for student in ledger.students:
        for _, mark in ledger.of(student):
            if mark is not None:
                yield {
                    "student": student.id,
                    "name": student.name,
                    "section": student.section,
                    **_object(mark),
                }


def _object(mark: Mark) -> dict[str, Any]:
    submitted = mark.attempt.submitted_at
    return {
        "kata": mark.slug,
        "sha256": mark.attempt.sha256,
        "source_path": mark.attempt.source_path,
        "submitted_at": submitted.isoformat() if submitted else None,
        "attempts": mark.attempts,
        "late": mark.late,
        "penalty_percent": mark.penalty_percent,
        "raw": mark.raw,
        "max_raw": mark.max_raw,
        "points": mark.points,
        "worth": mark.worth,
        "suite_digest": mark.judgement.suite_digest if mark.judgement else None,
        "judgement": mark.judgement.as_json() if mark.judgement else None,
    }

"""Gradescope's `results.json`: what `run_autograder` leaves behind.

All text is declared as text, never as HTML: some of it quotes learners.
Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.export.exporter import Exporter, ExportOptions, ExportResult, no_mark, receivers, write_text
from grader.export.names import folder_names
from grader.export.wording import check_reason, heading, printable
from grader.grading.marks import Ledger, Mark, rounded
from grader.intake import Student
from grader.records import CheckResult, Kata


class Gradescope(Exporter):
    """One `results.json` for one submission, whose group shares it; a folder of them for a class."""

    name = "gradescope"
    about = "`results.json`"
    rank = 5
    suffix = ".json"

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `results.json`, or `<student>/results.json` when there are several students.

        None for whom we could not judge: Gradescope would take its score for theirs.
        """
        who = receivers(ledger, options)
        if not who:
            return ExportResult(paths=(write_text(out / "results.json", as_json(nothing_found(ledger))),))
        paths, notes, names = [], [], folder_names(who)
        for student in who:
            path = (out / names[student.id] if len(who) > 1 else out) / "results.json"
            if note := no_mark(ledger, student):
                path.unlink(missing_ok=True)
                notes.append(note)
            else:
                paths.append(write_text(path, as_json(results(ledger, student))))
        return ExportResult(paths=tuple(paths), notes=tuple(notes))


def results(ledger: Ledger, student: Student) -> dict[str, Any]:
    """The student's results; a check's points are weighed as its kata is."""
    tests: list[dict[str, Any]] = []
    lines, wall_ms, score = [], 0, 0.0
    for kata, mark in ledger.of(student):
        if mark is None:
            if kata.slug in ledger.named:
                lines.append(f"{kata.name}: there is no submission.")
                tests.append(_missing(kata, ledger.worth(kata.slug)))
            continue
        lines.append(heading(kata, mark))
        score += mark.points or 0
        if mark.judgement is not None:
            wall_ms += mark.judgement.elapsed_wall_ms
            tests += [
                _test(kata, mark, check, f"{kata.number}.{position}")
                for position, check in enumerate(mark.judgement.checks, start=1)
            ]
    return {
        "score": rounded(score),
        "execution_time": wall_ms / 1000,
        "output": "\n".join(lines),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "leaderboard": [],
    }


def _missing(kata: Kata, worth: float) -> dict[str, Any]:
    """The one test of a kata that was asked for and is not there."""
    return {
        "score": 0,
        "max_score": rounded(worth),
        "status": "failed",
        "name": f"{kata.name}: an answer is submitted",
        "name_format": "text",
        "number": f"{kata.number}.1",
        "output": "There is no submission.",
        "output_format": "text",
        "visibility": "visible",
        "tags": [],
    }


def _test(kata: Kata, mark: Mark, check: CheckResult, position: str) -> dict[str, Any]:
    scale = mark.worth / mark.max_raw * (1 - mark.penalty_percent / 100) if mark.max_raw else 0
    return {
        "score": rounded(check.points * scale),
        "max_score": rounded(check.max_points * (mark.worth / mark.max_raw if mark.max_raw else 0)),
        "status": "passed" if check.passed else "failed",
        "name": f"{kata.name}: {printable(check.title)}",
        "name_format": "text",
        "number": position,
        "output": check_reason(check),
        "output_format": "text",
        "visibility": "visible",
        "tags": [check.misconception] if check.misconception else [],
    }


def nothing_found(ledger: Ledger) -> dict[str, Any]:
    """For a submission in which no kata was found: no points, and why in words."""
    reasons = [printable(f"{problem.path}: {problem.why}") for problem in ledger.problems]
    return {
        "score": 0,
        "output": "\n".join(["No answer to any kata was found.", *reasons]),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "leaderboard": [],
    }


def as_json(content: dict[str, Any]) -> str:
    """Readable, and in ASCII, whatever reads it."""
    return json.dumps(content, indent=2) + "\n"

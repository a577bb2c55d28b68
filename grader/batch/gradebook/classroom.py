"""GitHub Classroom's autograding result: base64 of JSON, for the reporter action to read.

The reporter prints what it is given into the job's log, where a line that starts with `::` is a
command to the runner. So lines of learners' text are kept from starting so, and whoever prints such
text themselves wraps it with `unheard`.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from pathlib import Path
from typing import Any

from grader.batch.gradebook.book import Given, Gradebook, Written, receivers, write_text
from grader.batch.gradebook.names import folder_names
from grader.batch.gradebook.wording import check_reason, printable
from grader.batch.intake import Student
from grader.batch.marks import Ledger, Mark, rounded
from grader.records import CheckResult, Kata

VERSION = 1


class Classroom(Gradebook):
    """One `result.b64` for one submission, whose group shares it; one each for a class."""

    name = "classroom"
    about = "GitHub Classroom autograding result (base64 of JSON)"
    suffix = ".b64"

    def write(self, ledger: Ledger, out: Path, given: Given) -> Written:
        """Writes `result.b64`, or `<student>.b64` when there are several students."""
        who = receivers(ledger, given)
        if len(who) <= 1:
            encoded = encode(result(ledger, who[0]) if who else nothing_found())
            return Written(paths=(write_text(out / "result.b64", encoded),))
        names = folder_names(who)
        paths = [
            write_text(out / f"{names[student.id]}.b64", encode(result(ledger, student))) for student in who
        ]
        return Written(paths=tuple(paths))


def encode(content: dict[str, Any]) -> str:
    """As the action's output wants it: one line."""
    return base64.b64encode(json.dumps(content).encode()).decode()


def result(ledger: Ledger, student: Student) -> dict[str, Any]:
    """The student's result; `status` is `error` where we could not judge."""
    tests: list[dict[str, Any]] = []
    broken = False
    for kata, mark in ledger.of(student):
        if mark is None and kata.slug in ledger.named:
            tests.append(_missing(kata))
        if mark is not None and mark.judgement is not None:
            broken = broken or mark.points is None
            tests += [_test(kata, mark, check) for check in mark.judgement.checks]
    passed = all(test["status"] == "pass" for test in tests)
    return {
        "version": VERSION,
        "status": "error" if broken or not tests else "pass" if passed else "fail",
        "max_score": rounded(
            sum(
                ledger.worth(kata.slug) if mark is None else mark.worth
                for kata, mark in ledger.of(student)
                if mark is not None or kata.slug in ledger.named
            )
        ),
        "tests": tests,
    }


def nothing_found() -> dict[str, Any]:
    """For a repository in which no kata was found."""
    return {"version": VERSION, "status": "error", "max_score": 0, "tests": []}


def _missing(kata: Kata) -> dict[str, Any]:
    """The one test of a kata that was asked for and is not there."""
    return {
        "name": f"{kata.name}: an answer is handed in",
        "status": "fail",
        "score": 0,
        "message": "Nothing was handed in.",
        "test_code": "handed_in",
        "filename": "",
        "line_no": 0,
        "duration": None,
    }


def _test(kata: Kata, mark: Mark, check: CheckResult) -> dict[str, Any]:
    scale = mark.worth / mark.max_raw * (1 - mark.penalty_percent / 100) if mark.max_raw else 0
    virtual_ns = check.elapsed_virtual_ns
    return {
        "name": harmless(f"{kata.name}: {printable(check.title)}"),
        "status": "pass" if check.passed else "error" if mark.points is None else "fail",
        "score": rounded(check.points * scale),
        "message": None if check.passed else harmless(check_reason(check)),
        "test_code": check.id,
        "filename": mark.attempt.filename,
        "line_no": check.line or 0,
        "duration": None if virtual_ns is None else virtual_ns / 1_000_000,
    }


def harmless(text: str) -> str:
    """The text with no line that a runner would take for a command."""
    return re.sub(r"(?m)^(?=[^\S\n]*(::|##\[))", "| ", text)


def unheard(text: str) -> str:
    """Untrusted text for a job's log, with the runner's commands switched off around it."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{text}\n::{token}::"

"""JUnit XML as pytest writes it (its family `xunit2`), for CI dashboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from grader.export.book import Given, Gradebook, Written, write_text
from grader.export.wording import check_reason, printable
from grader.grading.marks import Ledger, Mark
from grader.intake import Student
from grader.records import CheckResult, Kata, Verdict


class JUnit(Gradebook):
    """One file: a test suite per student, a test case per check."""

    name = "junit"
    about = "JUnit XML as pytest writes it"
    suffix = ".xml"

    def write(self, ledger: Ledger, out: Path, given: Given) -> Written:
        """Writes `junit.xml`."""
        suites = "".join(_suite(ledger, student) for student in ledger.students)
        text = (
            f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="kata grade">{suites}</testsuites>\n'
        )
        return Written(paths=(write_text(out / "junit.xml", text),))


def _suite(ledger: Ledger, student: Student) -> str:
    cases = list(_cases(ledger, student))
    if not cases:
        return ""
    counts = [sum(kind == wanted for kind, _ in cases) for wanted in ("error", "failure")]
    milliseconds = sum(
        mark.judgement.elapsed_wall_ms for _, mark in ledger.of(student) if mark and mark.judgement
    )
    body = "".join(text for _, text in cases)
    return (
        f'<testsuite name={_attribute(student.id)} errors="{counts[0]}" failures="{counts[1]}" skipped="0"'
        f' tests="{len(cases)}" time="{milliseconds / 1000:.3f}">{body}</testsuite>'
    )


def _cases(ledger: Ledger, student: Student) -> Iterator[tuple[str, str]]:
    """(`passed`, `failure` or `error`, the element)."""
    for kata, mark in ledger.of(student):
        if mark is not None and mark.judgement is not None:
            for check in mark.judgement.checks:
                yield _case(student, kata, mark, check)


def _case(student: Student, kata: Kata, mark: Mark, check: CheckResult) -> tuple[str, str]:
    # `time` is seconds of the virtual clock: what the check is about, and the same in every run.
    time = (check.elapsed_virtual_ns or 0) / 1e9
    classname = _attribute(f"{student.id.replace('.', '_')}.{kata.name}")
    head = f'<testcase classname={classname} name={_attribute(check.id)} time="{time:.3f}"'
    if check.passed:
        return "passed", f"{head} />"
    ours = check.verdict in (Verdict.JUDGE_ERROR, Verdict.STALLED)
    kind = "error" if ours else "failure"
    reason = check_reason(check)
    message = _attribute(f"{check.title} {reason}".splitlines()[0])
    where = f"\n{mark.attempt.filename}:{check.line}" if check.line is not None else ""
    return kind, f"{head}><{kind} message={message}>{escape(_legal(reason + where))}</{kind}></testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_legal(printable(text)))


def _legal(text: str) -> str:
    """What XML 1.0 has no place for, shown as pytest shows it: `#x1B`."""
    illegal = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    return re.sub(illegal, lambda hit: f"#x{ord(hit[0]):02X}", text)

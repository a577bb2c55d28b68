"""JUnit XML as pytest writes it (its family `xunit2`), for dashboards. Checks take virtual seconds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.export.exporter import Exporter, ExportOptions, ExportResult, write_bytes
from grader.export.wording import check_reason, printable
from grader.grading.marks import Ledger
from grader.intake import Student
from grader.records import CheckResult, Judgement, Verdict

_NOT_A_FAILURE = (Verdict.JUDGE_ERROR, Verdict.STALLED)
"""Verdicts that say nothing about the answer: JUnit's `error`."""


class JUnit(Exporter):
    """One file: a test suite per student, a test case per check."""

    name = "junit"
    about = "JUnit XML"
    suffix = ".xml"
    rank = 6

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `junit.xml`."""
        suites = (_suite_of(ledger, student) for student in ledger.students)
        document = _document("kata grade", (suite for suite in suites if len(suite)))
        return ExportResult(paths=(write_bytes(out / "junit.xml", document),))


def junit(judgements: Iterable[Judgement]) -> bytes:
    """The learner's own: one suite per kata, one case per check, with what it printed."""
    return _document("katas", map(_suite_of_kata, judgements))


def _suite_of(ledger: Ledger, student: Student) -> ElementTree.Element:
    cases: list[ElementTree.Element] = []
    milliseconds = 0
    for kata, mark in ledger.of(student):
        if mark is not None and mark.judgement is not None:
            milliseconds += mark.judgement.elapsed_wall_ms
            classname = f"{student.id.replace('.', '_')}.{kata.name}"
            for check in mark.judgement.checks:
                where = "" if check.line is None else f"{mark.attempt.filename}:{check.line}"
                reason = check_reason(check)  # without what only instructors may know
                cases.append(
                    _case(check, classname, f"{check.title} {reason}".splitlines()[0], reason, where)
                )
    return _suite(student.id, cases, milliseconds / 1000)


def _suite_of_kata(judgement: Judgement) -> ElementTree.Element:
    name = f"{judgement.number:02d}_{judgement.slug}"
    cases = []
    for check in judgement.checks:
        said = check.rationale or check.title
        case = _case(check, name, said, said, "" if check.line is None else f"line {check.line}")
        if check.output:
            ElementTree.SubElement(case, "system-out").text = _legal(check.output)
        cases.append(case)
    return _suite(name, cases, sum(check.elapsed_virtual_ns or 0 for check in judgement.checks) / 1e9)


def _document(name: str, suites: Iterable[ElementTree.Element]) -> bytes:
    root = ElementTree.Element("testsuites", name=name)
    root.extend(suites)
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _suite(name: str, cases: Sequence[ElementTree.Element], seconds: float) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name=_legal(name),
        errors=str(sum(case.find("error") is not None for case in cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        skipped="0",
        tests=str(len(cases)),
        time=_digits(seconds),
    )
    suite.extend(cases)
    return suite


def _case(check: CheckResult, classname: str, message: str, text: str, where: str) -> ElementTree.Element:
    seconds = (check.elapsed_virtual_ns or 0) / 1e9
    case = ElementTree.Element(
        "testcase", classname=_legal(classname), name=_legal(check.id), time=_digits(seconds)
    )
    if not check.passed:
        kind = "error" if check.verdict in _NOT_A_FAILURE else "failure"
        told = ElementTree.SubElement(case, kind, type=check.verdict.value, message=_legal(message))
        told.text = _legal("\n".join(filter(None, (text, where))))
    return case


def _digits(seconds: float) -> str:
    """To the nanosecond, and without zeros behind the millisecond."""
    text = f"{seconds:.9f}"
    return text[:-6] + text[-6:].rstrip("0")


def _legal(text: str) -> str:
    """What XML 1.0 has no place for, shown as pytest shows it: `#x1B`."""
    illegal = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    return re.sub(illegal, lambda hit: f"#x{ord(hit[0]):02X}", printable(text))

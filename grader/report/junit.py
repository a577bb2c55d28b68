"""JUnit XML as pytest writes it, for dashboards of continuous integration. Times are virtual seconds."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable

from grader.records import CheckResult, Judgement, Verdict
from grader.report.look import clean

_NOT_A_FAILURE = (Verdict.JUDGE_ERROR, Verdict.STALLED)
"""Verdicts that say nothing about the answer: JUnit's `error`."""


def junit(judgements: Iterable[Judgement]) -> bytes:
    """One suite per kata, one case per check."""
    root = ElementTree.Element("testsuites", name="katas")
    for judgement in judgements:
        root.append(_suite(judgement))
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _suite(judgement: Judgement) -> ElementTree.Element:
    name = f"{judgement.number:02d}_{judgement.slug}"
    errors = sum(check.verdict in _NOT_A_FAILURE for check in judgement.checks)
    failures = sum(not check.passed for check in judgement.checks) - errors
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        errors=str(errors),
        failures=str(failures),
        skipped="0",
        tests=str(len(judgement.checks)),
        time=_seconds(sum(check.elapsed_virtual_ns or 0 for check in judgement.checks)),
    )
    suite.extend(_case(check, name) for check in judgement.checks)
    return suite


def _case(check: CheckResult, suite: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname=suite, name=check.id, time=_seconds(check.elapsed_virtual_ns or 0)
    )
    if not check.passed:
        kind = "error" if check.verdict in _NOT_A_FAILURE else "failure"
        said = clean(check.rationale or check.title)
        where = "" if check.line is None else f"\nline {check.line}"
        ElementTree.SubElement(case, kind, type=check.verdict.value, message=said).text = said + where
    if check.output:
        ElementTree.SubElement(case, "system-out").text = clean(check.output)
    return case


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e9:.9f}"

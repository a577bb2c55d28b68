"""A mark's reason in words, as plain text that no receiver can take for anything else.

Rationales may quote what learners printed, so control characters (terminal escapes among them) are
made visible here, and every format adds the quoting of its own.
"""

from __future__ import annotations

import re

from grader.grading.marks import Mark
from grader.records import CheckResult, Kata, Verdict

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with control characters, also those that turn its direction, shown as `\\x1b`."""
    text = text.replace("\r\n", "\n").encode("utf-8", errors="replace").decode()
    return _CONTROL.sub(lambda hit: f"\\x{ord(hit[0]):02x}", text)


def number(points: float) -> str:
    """Points without needless zeros: `7`, `7.5`."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def check_reason(check: CheckResult) -> str:
    """Why a check ended as it did, in a paragraph for the student.

    Without what only instructors may know: seeds, since a run may have been given one for all (`--seed`),
    and what our own errors quote, which may be a suite.
    """
    if check.passed:
        return "Passed."
    if check.verdict is Verdict.JUDGE_ERROR:
        return f"{check.verdict.value}: it could not be judged, which is no fault of yours."
    where = f" (line {check.line})" if check.line is not None else ""
    why = check.rationale or check.verdict.value.replace("_", " ").lower()
    return printable(f"{check.verdict.value}: {why}{where}")


def heading(kata: Kata, mark: Mark) -> str:
    """One line: the kata, its verdict and its points, and what lateness took."""
    if mark.judgement is None:
        return f"{kata.name}: not judged yet."
    if mark.points is None:
        return f"{kata.name}: could not be judged, which is no fault of yours."
    line = (
        f"{kata.name}: {mark.judgement.verdict.value}, {number(mark.points)} of {number(mark.worth)} points"
    )
    return f"{line}{lateness(mark)}."


def lateness(mark: Mark) -> str:
    """What lateness did, or nothing: `, 3 h late: 10 % off`; `, late` where it costs nothing."""
    if not mark.late:
        return ""
    late = f"{duration(mark.late_by_s)} late" if mark.late_by_s else "late"
    return f", {late}: {number(mark.penalty_percent)} % off" if mark.penalty_percent else f", {late}"


def duration(seconds: float) -> str:
    """In the largest unit that fits: `3 days`, `47 h`, `12 min`."""
    for least, size, unit in ((172_800, 86_400, "days"), (3600, 3600, "h"), (60, 60, "min")):
        if seconds >= least:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def feedback(kata: Kata, mark: Mark) -> str:
    """The whole reason of a mark: its heading and a line for each check that failed."""
    lines = [heading(kata, mark)]
    if mark.judgement is not None and mark.points is not None:
        failed = [check for check in mark.judgement.checks if not check.passed]
        lines += [f"- {printable(check.title)} {check_reason(check)}" for check in failed]
    return "\n".join(lines)

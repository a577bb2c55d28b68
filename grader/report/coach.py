"""The coach: a second reading of the learner's file by a linter. Advice, and never a verdict.

Reads with ruff's ASYNC rules and RUF006 (a task that nobody keeps). Ruff is the optional extra `coach`;
it only parses, so a submission that nobody trusts may be read. Configuration and `noqa` marks beside or
inside the file are left out of account: they are the learner's.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import msgspec

from grader.records import Record
from grader.report.look import Look, clean_line

RULES = ("ASYNC", "RUF006")
_TIMEOUT_S = 20
ABSENT = "The coach needs ruff: `pip install ruff` into the Python that runs kata."
_SILENT = "The coach has nothing to add."
_STUCK = "The coach could not read this file."


class Advice(Record, frozen=True):
    """One remark: on which line, by which rule, in the linter's words."""

    line: int
    rule: str
    text: str


class _Place(msgspec.Struct):
    row: int


class _Remark(msgspec.Struct):
    """What of ruff's JSON is read."""

    code: str | None
    message: str
    location: _Place


def advice(source: str, ruff: Path) -> tuple[Advice, ...] | None:
    """What the linter remarks, in the order of the lines; None if it could not read the file."""
    command = [
        *(str(ruff), "check", "--isolated", "--no-cache", "--ignore-noqa", "--target-version", "py311"),
        *("--select", ",".join(RULES), "--output-format", "json", "--stdin-filename", "learner.py", "-"),
    ]
    try:
        done = subprocess.run(  # the program is ours, and the learner's text goes in as data
            command,
            input=source.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        remarks = msgspec.json.decode(done.stdout, type=list[_Remark])
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError):
        return None
    known = [remark for remark in remarks if remark.code and remark.code.startswith(RULES)]
    if len(known) < len(remarks):
        return None  # a syntax error is reported under no rule of ours
    found = [Advice(line=each.location.row, rule=each.code or "", text=each.message) for each in known]
    return tuple(sorted(found, key=lambda each: (each.line, each.rule)))


def find_ruff() -> Path | None:
    """Ruff's program: beside this Python, else on the path."""
    beside = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which("ruff")
    return None if found is None else Path(found)


def coach(source: str, look: Look, ruff: Path | None) -> str:
    """The advice in words, a line each; one line where there is none, or no ruff (`find_ruff`)."""
    if ruff is None:
        return ABSENT
    given = advice(source, ruff)
    if given is None:
        return _STUCK
    if not given:
        return _SILENT
    lines = [f"{look.paint('Coach', 'bold')} (advice, not a verdict)"]
    for each in given:
        rule = look.paint(f" [{each.rule}]", "faint")
        lines.append(f"  line {each.line}: {clean_line(each.text)}{rule}")
    return "\n".join(lines)

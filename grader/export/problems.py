"""What an instructor has to know besides the marks, in words: tables have no place for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.export.exporter import write_text
from grader.report.look import clean_line

if TYPE_CHECKING:
    from grader.grading.marks import Ledger

NAME = "problems.txt"


def write_problems(ledger: Ledger, beside: Path) -> list[Path]:
    """`problems.txt` in a folder, `grades-problems.txt` beside a file `grades.csv`; one line for each.

    Nothing is written where there are none, but an older file of this name says so from then on.
    """
    path = beside / NAME if beside.is_dir() else beside.with_name(f"{beside.stem}-{NAME}")
    lines = [clean_line(f"{problem.path}: {problem.why}") for problem in ledger.problems]
    if not lines and not path.exists():
        return []
    return [write_text(path, "".join(f"{line}\n" for line in lines or ["No problems are known."]))]

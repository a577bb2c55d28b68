"""What one student may cost: files, bytes, attempts, and lines that an instructor reads.

What is over a bound is told in a line and costs its owner only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from grader.intake.handins import Problem

ENTRIES = 2_000
"""Files of one student that are looked at, in the order of their paths."""
TOO_MUCH = f"not read, and nothing behind it: only {ENTRIES:,} files of a student are"
STUDENT_BYTES = 32 * 1024 * 1024
"""What is read of one student's files, packed ones counted as they are and as what they hold."""
TOO_LARGE = f"not read, and nothing behind it: only {STUDENT_BYTES // 1024**2} MB of a student are"
ATTEMPTS = 20
"""Answers of one student to one kata that are judged: the newest."""
LINES = 5
"""Problems of one student that are told."""
PATH_LENGTH = 200
LINE_LENGTH = 600


def brief(text: str, longest: int = PATH_LENGTH) -> str:
    """The text with its middle left out where it is long."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"


def bounded(problems: Iterable[Problem], depth: int | None = None) -> Iterator[Problem]:
    """The first lines of each student, and how many more there are.

    With `depth`, what is of no student is of the place that it lies in, below so many folders.
    """
    lines: dict[str, list[Problem]] = {}
    for problem in problems:
        place = problem.student_id
        if not place and depth is not None:
            place = "/".join(problem.path.split("/")[: depth + 1])
        if place:
            lines.setdefault(place, []).append(problem)
        else:
            yield problem
    for place, of_one in lines.items():
        own = [problem for problem in of_one if not problem.more]
        for problem in own[:LINES]:
            yield replace(problem, path=brief(problem.path, LINE_LENGTH), why=brief(problem.why, LINE_LENGTH))
        more = len(own[LINES:]) + sum(problem.more for problem in of_one)
        if more:
            yield further(brief(place), of_one[0].student_id, more)


def further(place: str, student_id: str, more: int) -> Problem:
    """The line that stands for the lines that are not told."""
    why = "and 1 more problem" if more == 1 else f"and {more} more problems"
    return Problem(path=place, why=why, student_id=student_id, more=more)

"""What every exporter is: a way to write a ledger to files, a class in a file of its own in `formats/`."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from grader.errors import BadInput, JudgeError
from grader.grading.marks import Ledger
from grader.intake import Student
from grader.records import Kata, Record
from grader.workspace.files import write_whole

if TYPE_CHECKING:
    from grader.grading.store import Store


class ExportOptions(Record, frozen=True):
    """What some formats have to be told."""

    assignments: tuple[str, ...] = ()
    """Canvas: `Title (123)` for the total, `gather_readings=Title (124)` for one kata."""
    worksheet: Path | None = None
    """Moodle: the offline grading worksheet that the instructor downloaded."""
    katas: tuple[Kata, ...] = ()
    """All that may be named, also those that nobody handed in; without, those of the ledger."""
    one_submission: bool = False
    """All was handed in together, by one person or one group: there is one result."""
    store: Store | None = None
    """Whole judgements and sources, which a ledger goes without: for pages."""

    def kept(self) -> Store:
        """The store. Raises JudgeError where the caller has given none."""
        if self.store is None:
            raise JudgeError("Pages need the store that the marks are from.")
        return self.store


MOST_NAMED = 3
"""Katas in one line: a person reads it."""


class ExportResult(Record, frozen=True):
    """What was written, and what an instructor has to know of it, a line each."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


class Exporter:
    """One format. What is registered here is what `--help`, messages and docs/instructors.md say."""

    name: ClassVar[str]
    """What `--format` calls it."""
    about: ClassVar[str]
    """What it writes, for docs/instructors.md."""
    suffix: ClassVar[str] = ""
    """What the name of its one file ends in; nothing where it may write several."""
    is_for_people: ClassVar[bool] = False
    """It says itself what a person has to look at, so no `problems.txt` lies beside it."""
    rank: ClassVar[int] = 5
    """Its place in lists."""

    def validate(self, options: ExportOptions) -> None:
        """Raises BadInput for what can be known to be wrong before anything is judged.

        Most formats need nothing.
        """
        return

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes below the folder `out`, which exists. Raises BadInput for what it was not given."""
        raise NotImplementedError


def receivers(ledger: Ledger, options: ExportOptions) -> list[Student]:
    """Who gets a result of their own: everybody who handed in.

    Of one submission one person does, and the group has their result: of those who handed in last
    (a store may have been used before) whoever has most, so that an extension is the whole group's.
    """
    who = [student for student in ledger.students if any(mark for _, mark in ledger.of(student))]
    return (
        [max(who, key=lambda student: _standing(ledger, student))] if who and options.one_submission else who
    )


def _standing(ledger: Ledger, student: Student) -> tuple[tuple[float, int, int], float]:
    newest = max(mark.attempt.newness for _, mark in ledger.of(student) if mark is not None)
    return newest, ledger.total(student)


def no_mark(ledger: Ledger, student: Student, slugs: Collection[str] | None = None) -> str:
    """That a sum over these katas (all without) would lack what was not judged; or nothing."""
    left = ledger.without_mark(student, slugs)
    if not left:
        return ""
    is_waiting = any(ledger.marks[student.id, slug].judgement is None for slug in left)
    why = "not judged yet" if is_waiting else "could not be judged"
    named = ", ".join(left[:MOST_NAMED]) + (" and more" if len(left) > MOST_NAMED else "")
    return f"{student.id} gets no mark: {named} {why}"


def write_text(path: Path, text: str) -> Path:
    """The file in UTF-8 with its line ends as they are. Raises BadInput when it cannot be written."""
    return write_bytes(path, text.encode("utf-8", errors="replace"))


def write_bytes(path: Path, data: bytes) -> Path:
    """The file, which is whole or as it was. Raises BadInput when it cannot be written."""
    try:
        write_whole(_in_utf_8(path), data)
    except OSError as problem:
        raise unwritable(path, problem) from None
    return path


def _in_utf_8(path: Path) -> Path:
    """The path whose name is UTF-8 on the disk in whatever locale: students are called `zoé` in all."""
    return Path(os.fsdecode(str(path).encode("utf-8", errors="surrogateescape")))


def unwritable(path: Path, problem: OSError) -> BadInput:
    """What to say of a file that the system did not let us write, and what to do about it."""
    advice = ""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "Free some space, then run `kata report` on the store: nothing is judged again."
    return BadInput(f"{path} cannot be written: {problem.strerror}.", advice=advice)

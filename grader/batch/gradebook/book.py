"""What every gradebook format is: a way to write a ledger to files."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from grader.batch.marks import Ledger
from grader.errors import BadInput
from grader.records import Record


class Given(Record, frozen=True):
    """What some formats have to be told."""

    assignments: tuple[str, ...] = ()
    """Canvas: `Title (123)` for the total, `gather_readings=Title (124)` for one kata."""
    worksheet: Path | None = None
    """Moodle: the offline grading worksheet that the instructor downloaded."""


class Written(Record, frozen=True):
    """What was written, and what an instructor has to know of it, a line each."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


class Gradebook(Protocol):
    """One format."""

    name: str
    about: str

    def write(self, ledger: Ledger, out: Path, given: Given) -> Written:
        """Writes below the folder `out`, which exists. Raises BadInput for what it was not given."""
        ...


def write_text(path: Path, text: str) -> Path:
    """The file in UTF-8 with its line ends as they are. Raises BadInput when it cannot be written."""
    return write_bytes(path, text.encode("utf-8", errors="replace"))


def write_bytes(path: Path, data: bytes) -> Path:
    """The file. Raises BadInput when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as problem:
        raise BadInput(f"{path} cannot be written: {problem.strerror}.") from None
    return path

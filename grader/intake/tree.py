"""One view of what an instructor hands us, folder or zip, that never writes and never follows.

Rules
- Nothing is extracted: a file's bytes go from the archive into memory, and only when asked for.
- A path is relative, of forward slashes, without `.` or `..`, and in Unicode's composed form (of two
  names in one folder that differ in nothing else, one stays as it is written: they are two). What cannot be
  written so is refused, and so are links, devices, encrypted and absurdly packed files.
- A name whose bytes are no UTF-8 is shown with escapes (`caf\\xe9`), whatever the locale.
- A refusal costs that entry, which says why; one whose path cannot be written so is a `Problem`. Only an
  archive that is absurd as a whole (too many entries, too large, not a zip) is refused whole, as `BadInput`.
- Entries are sorted by path: two machines see the same order.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from grader.intake.handins import Problem
from grader.records import Record

MAX_ENTRIES = 200_000
MAX_DEPTH = 30

IGNORED = frozenset(
    {
        "__MACOSX",
        "__pycache__",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Folders that no student wrote; with them go all names that start with a dot (`.git`, `.DS_Store`)."""
NEVER_TOLD = (IGNORED - {"venv"}) | {".git", ".hg", ".svn"}
"""Of these what computers alone put there: nobody has to hear of Python in them."""


class Entry(Record, frozen=True):
    """One regular file of a tree, or what stands in the place of one."""

    path: str
    size: int
    modified_ns: int = 0
    """Nanoseconds since 1970; for zip entries the writer's local time, read as if it were UTC."""
    modified: datetime | None = None
    """The zip entry's own time, without a zone; None for a file on disk."""
    refused: str = ""
    """Why it is not read: it is a link, a device, encrypted, absurdly packed."""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/"))

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Tree(Protocol):
    """Files by path. `problems` are of what has no path that could be among them, and of names met twice.

    `bare` are the folders that hold no file at any depth, without those inside another of them.
    `left_out` are the hidden files, hidden folders and virtual environments that hold Python.
    """

    label: str
    packed: bool
    """Whether it is an archive."""
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    bare: tuple[str, ...]
    left_out: tuple[str, ...]

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most `limit` bytes of the entry. Raises UnreadableError."""
        ...

    def close(self) -> None: ...


class UnreadableError(Exception):
    """This entry cannot be read; the message says why. Costs the entry and nothing else."""


def refuse(entry: Entry) -> None:
    """Raises UnreadableError for what was refused when it was listed."""
    if entry.refused:
        raise UnreadableError(entry.refused)


def bare_folders(
    folders: Iterable[str], entries: Iterable[Entry], problems: Iterable[Problem]
) -> tuple[str, ...]:
    """The outermost folders with no entry and no problem at or below them."""
    full = with_parents([*(entry.path for entry in entries), *(problem.path for problem in problems), "."])
    empty = with_parents(folders) - full
    return tuple(sorted(path for path in empty if str(PurePosixPath(path).parent) not in empty))


def with_parents(paths: Iterable[str]) -> set[str]:
    """The paths and all folders above them, `.` among them."""
    return {str(place) for path in paths for place in (PurePosixPath(path), *PurePosixPath(path).parents)}


def as_text(name: str) -> str:
    """A name of the file system as text: UTF-8 whatever the locale, with escapes for bytes that are none."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def is_text(name: str) -> bool:
    """Whether the bytes of a file system's name are UTF-8."""
    try:
        os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def ignored(name: str) -> bool:
    """Whether a file or folder of this name is nothing that a student wrote."""
    return name.startswith(".") or name in IGNORED


def is_told(name: str) -> bool:
    """Whether Python that is left out under this ignored name is told of: it might be an answer."""
    return name not in NEVER_TOLD and not name.startswith("._")  # a Mac's own notes on a file

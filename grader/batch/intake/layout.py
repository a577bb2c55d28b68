"""What every input format is: a way to tell whose each file of a tree is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.tree import Entry, Tree, UnreadableError
from grader.errors import BadInput
from grader.records import Kata, Record

LISTING_BYTES = 64 * 1024 * 1024
"""Bound on a system's own metadata file."""
EMPTY = "holds no files"


class Found(Record, frozen=True):
    """One file and whose it is. Which kata it answers is told later, alike for all formats."""

    student: Student
    entry: Entry
    inner: str
    """The file's path as the student named it, below what the learning system put in front."""
    own: str | None = None
    """The end of `inner` whose folders the student made for sure; None for all of it."""
    kata: str = ""
    """The kata where the format itself says it (`--pattern`)."""
    submitted_at: datetime | None = None
    late: bool = False
    attempt: int = 0
    online_text: bool = False
    """Typed into a web form: source wrapped in HTML."""


class Lacking(Record, frozen=True):
    """A student for whom there is a place, and nothing in it."""

    student: Student
    path: str
    why: str = EMPTY


Item = Found | Lacking | Problem
"""What a layout makes of a tree, a piece at a time."""


class Layout(Protocol):
    """One learning system's way to lay out what was handed in."""

    name: str

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Whether the tree looks like this. Layouts are asked from the most telling to the plainest."""
        ...

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
        """Every file with its student, or why it has none; every student's place that is empty.

        Raises BadInput when its listing is broken.
        """
        ...


def named(tree: Tree, name: str, deepest: int = 1) -> Entry | None:
    """The entry of that name nearest to the root, at most `deepest` folders down."""
    near = (entry for entry in tree.entries if len(entry.parts) <= deepest + 1 and not entry.refused)
    hits = [entry for entry in near if entry.name == name]
    return min(hits, key=lambda entry: len(entry.parts), default=None)


def read_listing(tree: Tree, entry: Entry) -> bytes:
    """A system's own metadata file, whole. Raises BadInput when it cannot be read."""
    if entry.size > LISTING_BYTES:
        raise BadInput(f"{entry.path} is larger than {LISTING_BYTES // 1024**2} MB.")
    try:
        return tree.read(entry, LISTING_BYTES)
    except UnreadableError as problem:
        raise BadInput(f"{entry.path} {problem}.") from None

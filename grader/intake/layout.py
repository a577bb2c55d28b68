"""What every input format is: how its learning system's own marks are told, and whose each file is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from grader.errors import BadInput
from grader.intake.handins import Problem, Student
from grader.intake.tree import Entry, Tree, UnreadableError
from grader.records import Kata, Record

LISTING_BYTES = 16 * 1024 * 1024
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


class Place(Record, frozen=True):
    """A name at the depth where a learning system puts one place for each student."""

    name: str
    is_folder: bool
    is_refused: bool = False
    """A link, or a folder that cannot be read: it may have been either."""


class Signs(Record, frozen=True):
    """The places that a learning system has named, as far as their names tell, and the others."""

    fitting: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class Layout(Protocol):
    """One learning system's way to lay out what was handed in.

    `depth` is the number of folders around the students' places: 0, or 1 where one folder holds all.
    """

    name: str

    def signs(self, tree: Tree, depth: int) -> Signs:
        """What at this depth is as this system writes it. Names that students choose are no sign."""
        ...

    def wraps(self, folder: str) -> bool:
        """Whether the system itself puts a folder of this name around everything."""
        ...

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """Every file with its student, or why it has none; every student's place that is empty.

        Raises BadInput when its listing is broken.
        """
        ...


def places(tree: Tree, depth: int) -> list[Place]:
    """Everything at this depth, once, in order; also what is empty or was refused."""
    split = [entry.parts for entry in tree.entries]
    refused = {
        entry.parts[depth] for entry in tree.entries if entry.refused and len(entry.parts) == depth + 1
    }
    files = {parts[depth]: len(parts) > depth + 1 for parts in split if len(parts) > depth}
    folders = {parts[depth] for parts in (folder.split("/") for folder in tree.bare) if len(parts) > depth}
    return [
        Place(name=name, is_folder=files.get(name, True), is_refused=name in refused)
        for name in sorted({*files, *folders})
    ]


def wrapper(tree: Tree) -> str:
    """The one folder that holds everything, or "" where there is none."""
    tops = places(tree, 0)
    return tops[0].name if len(tops) == 1 and tops[0].is_folder else ""


def listing(tree: Tree, name: str, depth: int) -> Entry | None:
    """The system's own file of this name: right at this depth and nowhere else."""
    hits = (entry for entry in tree.entries if len(entry.parts) == depth + 1 and entry.name == name)
    return next((entry for entry in hits if not entry.refused), None)


def read_listing(tree: Tree, entry: Entry) -> bytes:
    """A system's own metadata file, whole. Raises BadInput when it cannot be read."""
    if entry.size > LISTING_BYTES:
        raise BadInput(f"{entry.path} is larger than {LISTING_BYTES // 1024**2} MB.")
    try:
        return tree.read(entry, LISTING_BYTES)
    except UnreadableError as problem:
        raise BadInput(f"{entry.path} {problem}.") from None

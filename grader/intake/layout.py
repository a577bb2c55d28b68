"""What every input format is: how its learning system's own marks are told, and whose each file is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import ClassVar

from msgspec.structs import replace

from grader.errors import BadInput
from grader.intake.handins import Problem
from grader.intake.items import EMPTY, EmptySlot, Item
from grader.intake.roster import Roster
from grader.intake.tree import Entry, Tree, UnreadableError, with_parents
from grader.records import Kata, Record

LISTING_BYTES = 16 * 1024 * 1024
"""Bound on a system's own metadata file."""


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


class Layout:
    """One learning system's way to lay out submissions: a class in a file of its own in `formats/`.

    `depth` is the number of folders around the students' places: 0, or 1 where one folder holds all.
    """

    name: ClassVar[str]
    """What `--input` calls it."""
    about: ClassVar[str]
    """What PATH is then, for docs/instructors.md."""
    rank: ClassVar[int] = 5
    """Its place in lists. The last is the last resort, taken where no other format is recognised."""
    is_one_submission: ClassVar[bool] = False
    """Everything is one submission, which a group may share."""

    def __init__(self, roster: Roster, roster_csv: bytes = b"") -> None:
        """`roster` is the class list that the instructor gave, `roster_csv` its file."""

    @classmethod
    def class_list(cls, roster_csv: bytes) -> Roster | None:
        """The class list where the file is one that only this system exports."""
        return None

    def own_class_list(self, tree: Tree, depth: int) -> Roster:
        """The class list that lies among the submissions, where the system puts one there."""
        return Roster()

    def signs(self, tree: Tree, depth: int) -> Signs:
        """What at this depth is as this system writes it. Names that students choose are no sign."""
        return Signs()

    def wraps(self, folder: str) -> bool:
        """Whether the system itself puts a folder of this name around everything."""
        return False

    def depth(self, tree: Tree, katas: Sequence[Kata]) -> int:
        """The depth where the format was named: where anything fits it, outermost first."""
        return int(bool(wrapper(tree) and not self.signs(tree, 0).fitting and self.signs(tree, 1).fitting))

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """Every file with its student, or why it has none; every student's place that is empty.

        Raises BadInput when its listing is broken.
        """
        raise NotImplementedError

    @classmethod
    def feedback_prefix(cls, source: PurePosixPath, folder: str) -> str | None:
        """What the path of a page begins with in the zip that this system takes back.

        `source` is the submitted file, `folder` a name of the student's own. None where nothing can be
        handed back to it.
        """
        return f"{folder}/"


def list_entries(layout: Layout, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
    """What the layout makes of the tree, and what the tree could not list.

    A refused entry's own reason is told before the layout's; a place with hidden Python is not empty.
    """
    yield from tree.problems
    refused = {entry.path: entry.refused for entry in tree.entries if entry.refused}
    hidden = with_parents(tree.left_out)
    for item in layout.find(tree, depth, katas):
        if isinstance(item, Problem):
            yield replace(item, why=refused.get(item.path, item.why))
        elif isinstance(item, EmptySlot) and item.why == EMPTY and item.path in hidden:
            yield replace(item, why="")
        else:
            yield item


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

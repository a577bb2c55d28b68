"""Plain folders: `ROOT/<student>/<file>.py`, `ROOT/<student>.py`, or one student's own folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.layout import Found
from grader.batch.intake.matching import is_python, match_name, python_stem
from grader.batch.intake.tree import Tree
from grader.records import Kata


class Plain:
    """The layout of last resort: it recognises everything."""

    name = "plain"

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Always."""
        return True

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Found | Problem]:
        """The first folder is the student; a file beside the folders is a student by its own name."""
        skip = _wrapping(tree, katas)
        for entry in tree.entries:
            parts = entry.parts[skip:]
            if len(parts) > 1:
                yield Found(student=Student(id=parts[0]), entry=entry, inner="/".join(parts[1:]))
            elif is_python(parts[0]):
                student = _of_file(parts[0], tree, katas)
                yield Found(student=Student(id=student), entry=entry, inner=parts[0])


def _of_file(name: str, tree: Tree, katas: Sequence[Kata]) -> str:
    """`alice.py` is alice's, `alice_04_gather_readings.py` too; `04_gather_readings.py` is the folder's."""
    named = match_name(name, katas)
    if not named.slug:
        return python_stem(name)
    return named.remainder or tree.label


def _wrapping(tree: Tree, katas: Sequence[Kata]) -> int:
    """How many folders a zip put around the class: 1 when all is in one that cannot be a student.

    It cannot be one when it is named like the archive and does not just hold katas, or when it holds
    several folders and nothing else, none of them a kata.
    """
    if not tree.packed or any(len(entry.parts) < 2 for entry in tree.entries):
        return 0
    first = {entry.parts[0] for entry in tree.entries}
    second = {entry.parts[1] for entry in tree.entries}
    if first == {tree.label}:
        return int(not all(_names_kata(name, katas) for name in second))
    folders_only = all(len(entry.parts) > 2 for entry in tree.entries)
    return int(
        len(first) == 1
        and len(second) > 1
        and folders_only
        and not any(_names_kata(name, katas) for name in second)
    )


def _names_kata(name: str, katas: Sequence[Kata]) -> bool:
    found = match_name(name, katas)
    return bool(found.slug) and not found.remainder

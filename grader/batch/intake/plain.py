"""Plain folders: `ROOT/<student>/<file>.py`, `ROOT/<student>.py`, or one student's own folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.layout import Found, Item, Lacking
from grader.batch.intake.matching import NEVER_TAKEN, is_python, lies_beside, match_name, python_stem
from grader.batch.intake.tree import Entry, Tree
from grader.records import Kata

HANDED_IN = (".zip", ".ipynb")
"""What a student hands in besides Python; other files beside the folders are rather the instructor's."""


class Plain:
    """The layout of last resort: it recognises everything."""

    name = "plain"

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Always."""
        return True

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
        """The first folder is the student; a file beside the folders is a student by its own name."""
        skip = _wrapping(tree, katas)
        loose = [entry for entry in tree.entries if len(entry.parts) <= skip + 1]
        for entry in tree.entries:
            parts = entry.parts[skip:]
            if len(parts) > 1:
                yield Found(student=Student(id=parts[0]), entry=entry, inner="/".join(parts[1:]))
        yield from _of_one(loose, tree) if _is_of_one(tree, katas) else _loose(loose, tree, katas)
        for folder in tree.bare:
            below = PurePosixPath(folder).parts[skip:]
            if len(below) == 1:
                yield Lacking(student=Student(id=below[0]), path=folder)


def _of_one(loose: Sequence[Entry], tree: Tree) -> Iterator[Item]:
    """The files of one student's own folder."""
    for entry in loose:
        yield Found(student=Student(id=tree.label), entry=entry, inner=entry.name)


def _loose(loose: Sequence[Entry], tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
    """Files beside the students' folders: a student's by their names, if they can be anybody's hand-in."""
    for entry in loose:
        name = entry.name
        if entry.refused and not PurePosixPath(name).suffix:  # where a student's folder should be
            yield Lacking(student=Student(id=name), path=entry.path, why=entry.refused)
        elif is_python(name) and lies_beside(name, katas):
            yield Problem(path=entry.path, why=NEVER_TAKEN)
        elif is_python(name) or name.lower().endswith(HANDED_IN):
            student = Student(id=_of_file(name, tree, katas))
            yield Found(student=student, entry=entry, inner=name)
        else:
            yield Problem(path=entry.path, why="is not a Python file")


def _of_file(name: str, tree: Tree, katas: Sequence[Kata]) -> str:
    """`alice.py` is alice's, `alice_04_gather_readings.zip` too; `04_gather_readings.py` is the folder's."""
    stem = python_stem(name) if is_python(name) else PurePosixPath(name).stem
    named = match_name(stem, katas)
    if not named.slug:
        return stem
    return named.remainder or tree.label


def _is_of_one(tree: Tree, katas: Sequence[Kata]) -> bool:
    """Whether it is one student's own folder: no folders in it, and all its Python named for katas alone."""
    readable = [entry for entry in tree.entries if not entry.refused]
    python = [entry.name for entry in readable if is_python(entry.name)]
    flat = all(len(entry.parts) == 1 for entry in readable) and not tree.bare
    return flat and bool(python) and all(_names_kata(name, katas) for name in python)


def _wrapping(tree: Tree, katas: Sequence[Kata]) -> int:
    """How many folders a zip put around the class: 1 when all is in one that cannot be a student.

    It cannot be one when it is named like the archive and does not just hold katas, or when it holds
    several folders and nothing else, none of them a kata.
    """
    entries = [entry for entry in tree.entries if not entry.refused] or tree.entries
    if not tree.packed or any(len(entry.parts) < 2 for entry in entries):
        return 0
    first = {entry.parts[0] for entry in entries}
    second = {entry.parts[1] for entry in entries}
    if first == {tree.label}:
        return int(not all(_names_kata(name, katas) for name in second))
    folders_only = all(len(entry.parts) > 2 for entry in entries)
    return int(
        len(first) == 1
        and len(second) > 1
        and folders_only
        and not any(_names_kata(name, katas) for name in second)
    )


def _names_kata(name: str, katas: Sequence[Kata]) -> bool:
    found = match_name(name, katas)
    return bool(found.slug) and not found.remainder

"""Plain folders: `ROOT/<student>/<file>.py`, `ROOT/<student>.py`, or one student's own folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.intake.handins import Problem, Student
from grader.intake.items import EmptySlot, Item, SubmittedFile
from grader.intake.layout import Layout, wrapper
from grader.intake.matching import NEVER_TAKEN, is_python, lies_beside, match_name, python_stem
from grader.intake.roster import Roster
from grader.intake.tree import Entry, Tree
from grader.records import Kata

HANDED_IN = (".zip", ".ipynb")
"""What a student hands in besides Python; other files beside the folders are rather the instructor's."""


class Plain(Layout):
    """The layout of last resort: nothing is a sign of it, and it takes everything."""

    name = "plain"
    about = "a folder or a file for each student, or one student's own folder"
    rank = 9

    def __init__(self, roster: Roster, roster_csv: bytes = b"") -> None:
        self._ids = {student.id for student in roster.students}

    def depth(self, tree: Tree, katas: Sequence[Kata]) -> int:
        """1 when a zip put a folder around the class that cannot be a student, else 0.

        It cannot be one when it is named like the archive and does not just hold katas, or when it holds
        several folders and nothing else, none of them a kata. Whom the roster names is a student.
        """
        around = wrapper(tree)
        entries = [entry for entry in tree.entries if not entry.refused] or tree.entries
        if not tree.packed or not around or around in self._ids:
            return 0
        second = {entry.parts[1] for entry in entries if len(entry.parts) > 1}
        is_of_katas = [_names_kata(name, katas) for name in second]
        if around == tree.label:
            return int(not all(is_of_katas))
        folders_only = all(len(entry.parts) > 2 for entry in entries)
        return int(len(second) > 1 and folders_only and not any(is_of_katas))

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """The first folder is the student; a file beside the folders is a student by its own name."""
        loose = [entry for entry in tree.entries if len(entry.parts) <= depth + 1]
        for entry in tree.entries:
            parts = entry.parts[depth:]
            if len(parts) > 1:
                yield SubmittedFile(student=Student(id=parts[0]), entry=entry, inner="/".join(parts[1:]))
        yield from _of_one(loose, tree) if _is_of_one(tree, katas) else self._loose(loose, tree, depth, katas)
        for folder in tree.bare:
            below = PurePosixPath(folder).parts[depth:]
            if len(below) == 1:
                yield EmptySlot(student=Student(id=below[0]), path=folder)

    def _loose(self, loose: Sequence[Entry], tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """Files beside the students' folders: a student's by their names, if they can be anybody's hand-in.

        `alice_04_gather_readings.py` is alice's, unless something is called `alice` and no more: it might
        then be of somebody who goes by the longer name.
        """
        whole = {entry.parts[depth] for entry in tree.entries if len(entry.parts) > depth + 1}
        whole |= {_stem(entry.name) for entry in loose if not match_name(_stem(entry.name), katas).slug}
        for entry in loose:
            name, stem = entry.name, _stem(entry.name)
            if entry.refused and not PurePosixPath(name).suffix:  # where a student's folder should be
                yield EmptySlot(student=Student(id=name), path=entry.path, why=entry.refused)
            elif is_python(name) and lies_beside(name, katas):
                yield Problem(path=entry.path, why=NEVER_TAKEN)
            elif not (is_python(name) or name.lower().endswith(HANDED_IN)):
                yield Problem(path=entry.path, why="is not a Python file")
            elif stem in self._ids or stem in whole:
                yield SubmittedFile(student=Student(id=stem), entry=entry, inner=name)
            elif (short := _without_kata(stem, tree, katas)) in whole:
                why = f"unmatched: it may be of {short}, or of somebody called {stem}"
                yield Problem(path=entry.path, why=why)
            else:
                yield SubmittedFile(student=Student(id=short), entry=entry, inner=name)


def _of_one(loose: Sequence[Entry], tree: Tree) -> Iterator[Item]:
    """The files of one student's own folder."""
    for entry in loose:
        yield SubmittedFile(student=Student(id=tree.label), entry=entry, inner=entry.name)


def _stem(name: str) -> str:
    return python_stem(name) if is_python(name) else PurePosixPath(name).stem


def _without_kata(stem: str, tree: Tree, katas: Sequence[Kata]) -> str:
    """Whose a file is whose name names a kata; `04_gather_readings.py` is the folder's."""
    named = match_name(stem, katas)
    return (named.remainder or tree.label) if named.slug else stem


def _is_of_one(tree: Tree, katas: Sequence[Kata]) -> bool:
    """Whether it is one student's own folder: no folders in it, and all its Python named for katas alone."""
    readable = [entry for entry in tree.entries if not entry.refused]
    python = [entry.name for entry in readable if is_python(entry.name)]
    flat = all(len(entry.parts) == 1 for entry in readable) and not tree.bare
    return flat and bool(python) and all(_names_kata(name, katas) for name in python)


def _names_kata(name: str, katas: Sequence[Kata]) -> bool:
    found = match_name(name, katas)
    return bool(found.slug) and not found.remainder

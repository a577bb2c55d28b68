"""Reads the students' files: within what one student may cost, out of their own zips too, and never run.

Alike for every layout, so that what counts as an answer does not depend on the learning system.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from grader.intake.bounds import ENTRIES, STUDENT_BYTES, TOO_LARGE, TOO_MUCH
from grader.intake.handins import SOURCE_BYTES, Problem
from grader.intake.items import (
    EmptySlot,
    HiddenFile,
    Item,
    NoAnswer,
    OtherFile,
    PythonFile,
    SubmittedFile,
    SupportFile,
    home_of,
)
from grader.intake.matching import is_python, lies_beside
from grader.intake.tree import Entry, Tree, UnreadableError
from grader.intake.typed_text import typed_text
from grader.intake.zip_tree import NotAZipError, ZipTree
from grader.records import Kata

NESTED_BYTES = 16 * 1024 * 1024
"""A student's own zip is opened in memory, so it has a bound; a class's is read from disk."""


def read_files(
    items: Sequence[Item], tree: Tree, katas: Sequence[Kata]
) -> Iterator[PythonFile | SupportFile | NoAnswer]:
    """The files with their bytes, one at a time; why a file is not read."""
    yield from _hidden(tree.left_out, _homes(items))
    reader = _Reader(tree, katas)
    for item in items:
        if isinstance(item, SubmittedFile):
            yield from reader.read(item)
        elif isinstance(item, EmptySlot):
            if item.why:
                yield Problem(path=item.path, why=item.why, student_id=item.student.id)
        else:
            yield item


def _homes(items: Iterable[Item]) -> dict[str, set[str]]:
    """Folder: the students whose own it is, by id, where the layout tells it."""
    homes: dict[str, set[str]] = {}
    for item in items:
        if isinstance(item, Problem):
            continue
        home = home_of(item)
        if isinstance(item, EmptySlot) or home != item.entry.path:
            homes.setdefault(home, set()).add(item.student.id)
    return homes


def _hidden(paths: Iterable[str], homes: Mapping[str, set[str]]) -> Iterator[HiddenFile]:
    """What hidden names hold, once for each in whose own folder it lies."""
    for path in paths:
        above = (str(folder) for folder in PurePosixPath(path).parents)
        owners = next((sorted(homes[folder]) for folder in above if folder in homes), [""])
        for student_id in owners:
            yield HiddenFile(student_id=student_id, path=path)


class _Spent:
    """What one student has cost so far."""

    def __init__(self) -> None:
        self.entries = 0
        self.bytes = 0
        self.is_told = False

    def over(self) -> str:
        """Why no more of this student is read, or nothing."""
        if self.entries > ENTRIES:
            return TOO_MUCH
        return TOO_LARGE if self.bytes >= STUDENT_BYTES else ""


class _Reader:
    """Reads one file after another, and keeps count for each student."""

    def __init__(self, tree: Tree, katas: Sequence[Kata]) -> None:
        self._tree = tree
        self._katas = katas
        self._spent: dict[str, _Spent] = defaultdict(_Spent)

    def read(self, file: SubmittedFile) -> Iterator[PythonFile | SupportFile | NoAnswer]:
        path = file.entry.path
        if self._is_over(file):
            yield from self._say_over(file, path)
        elif file.entry.refused:
            yield _problem(file, path, file.entry.refused)
        elif is_python(file.inner) or file.online_text:
            yield from self._python(file, self._tree, path)
        elif is_zip(file.inner):
            yield from self._zip(file)
        else:
            yield OtherFile(student_id=file.student.id, path=path)

    def _is_over(self, file: SubmittedFile) -> bool:
        """Whether this student has had us look at too much. Each call counts one entry."""
        self._spent[file.student.id].entries += 1
        return bool(self._spent[file.student.id].over())

    def _say_over(self, file: SubmittedFile, path: str) -> Iterator[Problem]:
        """Names the first file that is too much, and no other."""
        spent = self._spent[file.student.id]
        if not spent.is_told:
            spent.is_told = True
            yield _problem(file, path, spent.over())

    def _bytes(self, file: SubmittedFile, tree: Tree, limit: int) -> bytes:
        """The file's bytes, at most `limit`. Raises UnreadableError."""
        data = tree.read(file.entry, limit)
        self._spent[file.student.id].bytes += len(data)
        return data

    def _python(
        self, file: SubmittedFile, tree: Tree, path: str
    ) -> Iterator[PythonFile | SupportFile | Problem]:
        """A file of Python, read only if it can be an answer."""
        own = file.inner if file.own is None else file.own
        if not file.online_text and lies_beside(own, self._katas):
            yield SupportFile(student_id=file.student.id, path=path, own=own)
            return
        try:
            source = self._bytes(file, tree, SOURCE_BYTES + 1)
        except UnreadableError as problem:
            yield _problem(file, path, str(problem))
            return
        if len(source) > SOURCE_BYTES:
            source = source[:SOURCE_BYTES]
            yield _problem(file, path, f"is longer than {SOURCE_BYTES // 1024} KB; only so much is judged")
        yield PythonFile(origin=file, path=path, source=typed_text(source) if file.online_text else source)

    # -- a student's own zip -----------------------------------------------------------------------
    def _zip(self, file: SubmittedFile) -> Iterator[PythonFile | SupportFile | NoAnswer]:
        """A zip that a student handed in: its files are theirs, one level deep."""
        path = file.entry.path
        try:
            data = self._bytes(file, self._tree, NESTED_BYTES + 1)
            if len(data) > NESTED_BYTES:
                raise UnreadableError(f"is a zip of more than {NESTED_BYTES // 1024**2} MB")
            nested = ZipTree(io.BytesIO(data), file.entry.name)
        except (UnreadableError, NotAZipError) as problem:
            yield _problem(file, path, str(problem))
            return
        for refused in nested.problems:
            yield _problem(file, f"{path}!{refused.path}", refused.why)
        for inner in nested.left_out:
            yield HiddenFile(student_id=file.student.id, path=f"{path}!{inner}")
        if not nested.entries and not nested.problems and not nested.left_out:
            yield _problem(file, path, "is a zip without files")
        for entry in nested.entries:
            if self._is_over(file):
                yield from self._say_over(file, f"{path}!{entry.path}")
                break
            yield from self._inside(file, nested, entry)
        nested.close()

    def _inside(
        self, file: SubmittedFile, nested: Tree, entry: Entry
    ) -> Iterator[PythonFile | SupportFile | NoAnswer]:
        """One file of such a zip, whose name still names the kata where the file's own does not."""
        path = f"{file.entry.path}!{entry.path}"
        if entry.refused:
            yield _problem(file, path, entry.refused)
        elif is_python(entry.name):
            folder = re.sub(r"\.zip$", "", file.inner, flags=re.I)
            inner, own = f"{folder}/{entry.path}", entry.path
            yield from self._python(
                msgspec.structs.replace(file, entry=entry, inner=inner, own=own), nested, path
            )
        elif is_zip(entry.name):
            yield _problem(file, path, "is a zip in a zip, which is not opened")
        else:
            yield OtherFile(student_id=file.student.id, path=path)


def is_zip(name: str) -> bool:
    """Whether this is a zip by its name."""
    return name.lower().endswith(".zip")


def _problem(file: SubmittedFile, path: str, why: str) -> Problem:
    return Problem(path=path, why=why, student_id=file.student.id)

"""A folder as a tree: its regular files, sorted, with what is refused and what is left out."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice
from pathlib import Path

from grader.errors import BadInput
from grader.intake.bounds import ENTRIES, TOO_MUCH
from grader.intake.handins import Problem
from grader.intake.matching import is_python
from grader.intake.tree import (
    MAX_DEPTH,
    MAX_ENTRIES,
    Entry,
    UnreadableError,
    as_text,
    bare_folders,
    ignored,
    is_text,
    is_told,
    refuse,
)

MAX_FOLDERS_LOOKED_INTO = 1000
"""Whether there is Python in what is left out is worth so many."""


class FolderTree:
    """Regular files below a folder. Links are told of and not followed."""

    packed = False

    def __init__(self, root: Path, only: str | None = None) -> None:
        self.label = as_text(root.resolve().name)
        self._root = root
        self._places: dict[str, Path] = {}
        self._folders: list[str] = []
        self._left_out: list[str] = []
        self._is_wrapped = False
        """Whether one folder holds everything, so that students' own may be one further down."""
        self._room = MAX_ENTRIES
        """How many more files and folders are taken of the student whose folder is being walked."""
        found: list[Entry] = []
        problems: list[Problem] = []
        self._walk(root, (), only, found, problems)
        self.entries = tuple(sorted(found, key=lambda entry: entry.path))
        self.problems = tuple(problems)
        self.bare = bare_folders(self._folders, self.entries, self.problems)
        self.left_out = tuple(self._left_out)

    def _walk(
        self,
        folder: Path,
        above: tuple[str, ...],
        only: str | None,
        found: list[Entry],
        problems: list[Problem],
    ) -> None:
        if len(above) == 1 + self._is_wrapped:
            self._room = ENTRIES
        items = _listing(folder, found, above, self._room + 1)
        if not above:
            self._is_wrapped = sum(not ignored(item.name) for item in items) == 1
        for name, item in _composed(items):
            if only is not None and item.name != only:
                continue
            path = "/".join((*above, name))
            if ignored(item.name):
                if is_told(item.name) and _holds_python(item):
                    self._left_out.append(path)
                continue
            if len(above) > self._is_wrapped and self._is_too_much(path, problems):
                return
            if not unicodedata.is_normalized("NFC", name):
                problems.append(
                    Problem(path=path, why="is there in two spellings of one name; they are kept apart")
                )
            self._put(path, item, (*above, name), found, problems)
            if len(found) > MAX_ENTRIES:
                raise BadInput(f"{self._root} holds more than {MAX_ENTRIES:,} files.")

    def _put(
        self,
        path: str,
        item: os.DirEntry[str],
        parts: tuple[str, ...],
        found: list[Entry],
        problems: list[Problem],
    ) -> None:
        """Puts the item where it belongs; what is in it, if it is a folder."""
        info = item.stat(follow_symlinks=False)
        if stat.S_ISLNK(info.st_mode):
            found.append(Entry(path=path, size=0, refused="is a link; links are not followed"))
        elif stat.S_ISDIR(info.st_mode) and len(parts) > MAX_DEPTH:
            found.append(Entry(path=path, size=0, refused=f"lies deeper than {MAX_DEPTH} folders"))
        elif stat.S_ISDIR(info.st_mode):
            self._folders.append(path)
            self._walk(Path(item.path), parts, None, found, problems)
        elif not stat.S_ISREG(info.st_mode):
            found.append(Entry(path=path, size=0, refused="is not a regular file"))
        else:
            self._places[path] = Path(item.path)
            found.append(Entry(path=path, size=info.st_size, modified_ns=info.st_mtime_ns))

    def _is_too_much(self, path: str, problems: list[Problem]) -> bool:
        """Whether this student has more than is taken of anybody; the first of it is told."""
        self._room -= 1
        if self._room == -1:
            problems.append(Problem(path=path, why=TOO_MUCH))
        return self._room < 0

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most `limit` bytes, refusing what became a link or a pipe since it was listed."""
        refuse(entry)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(self._places[entry.path], flags | getattr(os, "O_BINARY", 0))
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise UnreadableError("is not a regular file")
                return file.read(limit)
        except OSError as problem:
            raise UnreadableError(f"cannot be read: {problem.strerror}") from None

    def close(self) -> None:
        """Nothing is held open."""


def _listing(folder: Path, found: list[Entry], above: tuple[str, ...], most: int) -> list[os.DirEntry[str]]:
    """What is in the folder by name, whatever the locale: the first of it where there is very much."""
    try:
        with os.scandir(folder) as items:
            return nsmallest(most, items, key=lambda item: (ignored(item.name), os.fsencode(item.name)))
    except OSError as problem:
        if not above:
            raise BadInput(f"{folder} cannot be read: {problem.strerror}.") from None
        found.append(Entry(path="/".join(above), size=0, refused=f"cannot be read: {problem.strerror}"))
        return []


def _composed(items: list[os.DirEntry[str]]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Each with its name as text and composed, unless another has that name: two spellings of `é` are two
    files, and so are a byte that is no text and the escape that it is shown as."""
    written = Counter(as_text(item.name) for item in items)
    taken = set(written)
    for item in items:
        plain = as_text(item.name)
        name = unicodedata.normalize("NFC", plain)
        if name != plain and name in taken:
            name = plain
        while written[name] > 1 and not is_text(item.name):
            name += "~"
        taken.add(name)
        yield name, item


def _holds_python(item: os.DirEntry[str]) -> bool:
    """Whether it is a Python file or a folder that holds one, as far as a short look tells."""
    if not item.is_dir(follow_symlinks=False):
        return is_python(item.name) and item.is_file(follow_symlinks=False)
    looked_into = islice(os.walk(item.path), MAX_FOLDERS_LOOKED_INTO)
    return any(is_python(name) for _, _, names in looked_into for name in names)

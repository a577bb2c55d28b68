"""One view of what an instructor hands us, folder or zip, that never writes and never follows.

Rules
- Nothing is extracted: a file's bytes go from the archive into memory, and only when asked for.
- A path is relative, of forward slashes, without `.` or `..`, and in Unicode's composed form (of two
  names in one folder that differ in nothing else, one stays as it is written). What cannot be written
  so is refused, and so are links, devices, encrypted and absurdly packed files.
- A refusal costs that entry and becomes a `Problem`; only an archive that is absurd as a whole (too
  many entries, too large, not a zip) is refused whole, as `BadInput`.
- Entries are sorted by path: two machines see the same order.
"""

from __future__ import annotations

import io
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Protocol

from grader.batch.intake.handins import Problem
from grader.errors import BadInput
from grader.records import Record

MAX_ENTRIES = 200_000
MAX_TOTAL_BYTES = 16 * 1024**3
MAX_RATIO = 200
"""Deflate reaches about 1,000; Python source rarely 10."""
MAX_DEPTH = 30
SMALL_BYTES = 1024 * 1024
"""Below this the ratio is nobody's business: a file of spaces is small and harmless."""

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


class Entry(Record, frozen=True):
    """One regular file of a tree."""

    path: str
    size: int
    modified_ns: int = 0
    """Nanoseconds since 1970; for zip entries the writer's local time, read as if it were UTC."""
    modified: datetime | None = None
    """The zip entry's own time, without a zone; None for a file on disk."""

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts

    @property
    def name(self) -> str:
        return self.parts[-1]


class Tree(Protocol):
    """Files by path. `problems` are the entries that were refused and why.

    `bare` are the folders that hold no file at any depth, without those inside another of them.
    """

    label: str
    packed: bool
    """Whether it is an archive."""
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    bare: tuple[str, ...]

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most `limit` bytes of the entry. Raises UnreadableError."""
        ...

    def close(self) -> None: ...


class UnreadableError(Exception):
    """This entry cannot be read; the message says why. Costs the entry and nothing else."""


def open_tree(path: Path) -> Tree:
    """The folder, the zip, or the folder of the one file at `path`.

    Raises BadInput when there is nothing there, or nothing that can be read as one of these.
    """
    if path.is_dir():
        return FolderTree(path)
    if not path.exists():
        raise BadInput(f"There is nothing at {path}.", advice="Name a folder, a zip or a Python file.")
    if path.suffix.lower() == ".py":
        return FolderTree(path.parent, only=path.name)
    try:
        return ZipTree(path.open("rb"), path.name)
    except NotAZipError as problem:
        advice = "Name a folder, a .zip or a .py file; unpack other archives first."
        raise BadInput(f"{path} cannot be graded: {problem}.", advice=advice) from None
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}.") from None


# -- folders ---------------------------------------------------------------------------------------
class FolderTree:
    """Regular files below a folder. Links are reported and not followed."""

    packed = False

    def __init__(self, root: Path, only: str | None = None) -> None:
        self.label = root.resolve().name
        self._root = root
        self._places: dict[str, Path] = {}
        self._folders: list[str] = []
        found: list[Entry] = []
        refused: list[Problem] = []
        self._walk(root, (), only, found, refused)
        self.entries = tuple(sorted(found, key=lambda entry: entry.path))
        self.problems = tuple(refused)
        self.bare = _bare(self._folders, self.entries, self.problems)

    def _walk(
        self,
        folder: Path,
        above: tuple[str, ...],
        only: str | None,
        found: list[Entry],
        refused: list[Problem],
    ) -> None:
        for name, item in _composed(_listing(folder, refused, above)):
            if ignored(item.name) or (only is not None and item.name != only):
                continue
            path = "/".join((*above, name))
            if not unicodedata.is_normalized("NFC", name):
                refused.append(Problem(path=path, why="is there in two spellings of one name; both are read"))
            info = item.stat(follow_symlinks=False)
            if stat.S_ISLNK(info.st_mode):
                refused.append(Problem(path=path, why="is a link; links are not followed"))
            elif stat.S_ISDIR(info.st_mode) and len(above) >= MAX_DEPTH:
                refused.append(Problem(path=path, why=f"lies deeper than {MAX_DEPTH} folders"))
            elif stat.S_ISDIR(info.st_mode):
                self._folders.append(path)
                self._walk(Path(item.path), (*above, name), None, found, refused)
            elif not stat.S_ISREG(info.st_mode):
                refused.append(Problem(path=path, why="is not a regular file"))
            else:
                self._places[path] = Path(item.path)
                found.append(Entry(path=path, size=info.st_size, modified_ns=info.st_mtime_ns))
            if len(found) > MAX_ENTRIES:
                raise BadInput(f"{self._root} holds more than {MAX_ENTRIES:,} files.")

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most `limit` bytes, refusing what became a link or a pipe since it was listed."""
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


def _listing(folder: Path, refused: list[Problem], above: tuple[str, ...]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return sorted(items, key=lambda item: item.name)
    except OSError as problem:
        if not above:
            raise BadInput(f"{folder} cannot be read: {problem.strerror}.") from None
        refused.append(Problem(path="/".join(above), why=f"cannot be read: {problem.strerror}"))
        return []


def _composed(items: list[os.DirEntry[str]]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Each with its name composed, unless another has that name: two spellings of `é` are two files."""
    taken = {item.name for item in items}
    for item in items:
        name = unicodedata.normalize("NFC", item.name)
        if name != item.name and name in taken:
            name = item.name
        taken.add(name)
        yield name, item


def _bare(folders: Iterable[str], entries: Iterable[Entry], problems: Iterable[Problem]) -> tuple[str, ...]:
    """The outermost folders with no entry and no problem at or below them."""
    full = _with_parents([*(entry.path for entry in entries), *(problem.path for problem in problems), "."])
    empty = _with_parents(folders) - full
    return tuple(sorted(path for path in empty if str(PurePosixPath(path).parent) not in empty))


def _with_parents(paths: Iterable[str]) -> set[str]:
    return {str(place) for path in paths for place in (PurePosixPath(path), *PurePosixPath(path).parents)}


def ignored(name: str) -> bool:
    """Whether a file or folder of this name is nothing that a student wrote."""
    return name.startswith(".") or name in IGNORED


# -- archives --------------------------------------------------------------------------------------
class NotAZipError(Exception):
    """The bytes are not a zip that we read; the message says why."""


class ZipTree:
    """Regular files of a zip, read straight into memory."""

    packed = True

    def __init__(self, file: io.BufferedIOBase | io.BytesIO, label: str) -> None:
        self.label = PurePosixPath(label).stem
        self._file = file
        try:
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as problem:
            file.close()
            raise NotAZipError(f"it is not a zip file, or a damaged one ({problem})") from None
        excess = _excess(infos)
        if excess:
            self.close()
            raise NotAZipError(excess)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._folders: list[str] = []
        refused: list[Problem] = []
        for info in infos:
            self._take(info, refused)
        self.entries = tuple(self._entry(path, info) for path, info in sorted(self._infos.items()))
        self.problems = tuple(refused)
        self.bare = _bare(self._folders, self.entries, self.problems)

    def _take(self, info: zipfile.ZipInfo, refused: list[Problem]) -> None:
        path = unicodedata.normalize("NFC", info.filename)
        *above, _ = parts = path.split("/")
        if info.is_dir() or any(ignored(part) for part in parts if part not in ("", ".", "..")):
            self._folders.append("/".join(takewhile(lambda part: part and not ignored(part), above)))
            return
        why = _refusal(info)
        if not why and path in self._infos:
            why = "is in the archive twice; the first is taken"
        if why:
            refused.append(Problem(path=path, why=why))
        else:
            self._infos[path] = info

    @staticmethod
    def _entry(path: str, info: zipfile.ZipInfo) -> Entry:
        try:
            modified = datetime(*info.date_time)
        except ValueError:  # a zip may say the 31st of month 0
            return Entry(path=path, size=info.file_size)
        stamp = int((modified - datetime(1970, 1, 1)).total_seconds()) * 1_000_000_000
        return Entry(path=path, size=info.file_size, modified_ns=stamp, modified=modified)

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most `limit` bytes, whatever the archive claims about their number."""
        try:
            with self._zip.open(self._infos[entry.path]) as file:
                return file.read(limit)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as problem:
            raise UnreadableError(f"cannot be unpacked: {problem}") from None
        except (NotImplementedError, RuntimeError) as problem:
            raise UnreadableError(f"cannot be unpacked: {problem}") from None

    def close(self) -> None:
        """Lets go of the archive's file."""
        self._zip.close()
        self._file.close()


def _excess(infos: list[zipfile.ZipInfo]) -> str:
    """Why an archive is absurd as a whole, or nothing."""
    if len(infos) > MAX_ENTRIES:
        return f"it has more than {MAX_ENTRIES:,} entries"
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        return f"it would unpack to more than {MAX_TOTAL_BYTES // 1024**3} GB"
    return ""


def _refusal(info: zipfile.ZipInfo) -> str:
    """Why this entry must not be read, or nothing."""
    parts = info.orig_filename.replace("\\", "/").split("/")
    mode = info.external_attr >> 16
    if info.filename.startswith(("/", "\\")) or ":" in parts[0]:
        return "has an absolute path"
    if ".." in parts or "." in parts or "" in parts or "\\" in info.filename or "\0" in info.orig_filename:
        return "has a path that leads elsewhere"
    if stat.S_ISLNK(mode):
        return "is a link; links are not followed"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "is not a regular file"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that is not read here (only stored and deflated are)"
    if info.file_size > SMALL_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return f"would unpack to more than {MAX_RATIO} times its size"
    return ""

"""A zip as a tree: read straight into memory, and nothing that its entries claim is believed."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import PurePosixPath

from grader.intake.bounds import brief
from grader.intake.handins import Problem
from grader.intake.matching import is_python
from grader.intake.tree import (
    MAX_DEPTH,
    MAX_ENTRIES,
    Entry,
    UnreadableError,
    bare_folders,
    ignored,
    is_told,
    refuse,
)

MAX_TOTAL_BYTES = 16 * 1024**3
MAX_RATIO = 200
"""Deflate reaches about 1,000; Python source rarely 10."""
SMALL_BYTES = 1024 * 1024
"""Below this the ratio is nobody's business: a file of spaces is small and harmless."""


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
        left_out: dict[str, None] = {}
        problems: list[Problem] = []
        same: dict[str, list[zipfile.ZipInfo]] = {}
        written = [_written(info) for info in infos]
        shown = _shown(path for path in written if path.count("/") <= MAX_DEPTH)
        for info, path in zip(infos, written, strict=True):
            if path in shown:
                self._sort(info, shown[path], same, left_out, problems)
            else:
                problems.append(Problem(path=brief(path), why=f"lies deeper than {MAX_DEPTH} folders"))
        for path, rivals in same.items():
            self._infos[path] = _newest(path, rivals, problems)
        self.entries = tuple(self._entry(path, info) for path, info in sorted(self._infos.items()))
        self.problems = tuple(problems)
        self.bare = bare_folders(self._folders, self.entries, self.problems)
        self.left_out = tuple(left_out)

    def _sort(
        self,
        info: zipfile.ZipInfo,
        path: str,
        same: dict[str, list[zipfile.ZipInfo]],
        left_out: dict[str, None],
        problems: list[Problem],
    ) -> None:
        """Puts the entry with those of its path, or where it belongs that is none of them."""
        *above, name = parts = path.split("/")
        outermost = next((part for part in parts if part not in (".", "..") and ignored(part)), "")
        if outermost and is_told(outermost) and is_python(name):
            left_out["/".join(parts[: parts.index(outermost) + 1])] = None
        if not name or outermost:
            self._folders.append("/".join(takewhile(lambda part: part and not ignored(part), above)))
        elif why := _misplacement(info):
            problems.append(Problem(path=path, why=why))
        else:
            same.setdefault(path, []).append(info)

    @staticmethod
    def _entry(path: str, info: zipfile.ZipInfo) -> Entry:
        refused = _refusal(info)
        try:
            modified = datetime(*info.date_time)
        except ValueError:  # a zip may say the 31st of month 0
            return Entry(path=path, size=info.file_size, refused=refused)
        stamp = int((modified - datetime(1970, 1, 1)).total_seconds()) * 1_000_000_000
        return Entry(path=path, size=info.file_size, modified_ns=stamp, modified=modified, refused=refused)

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most `limit` bytes, whatever the archive claims about their number."""
        refuse(entry)
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


def _written(info: zipfile.ZipInfo) -> str:
    """The entry's path; programs of Windows have written it with backslashes."""
    return info.filename.replace("\\", "/")


def _shown(paths: Iterable[str]) -> dict[str, str]:
    """Each path with its names composed; of names in one folder that differ in nothing else, those that are
    not composed stay as they are written: they are two students', or two files."""
    written = list(dict.fromkeys(paths))
    if all(map(str.isascii, written)):
        return dict(zip(written, written, strict=True))
    starts = {path[: end.start()] for path in written for end in re.finditer(r"/|$", path)}
    spellings = Counter(unicodedata.normalize("NFC", start) for start in starts)
    return {path: "/".join(_names(path, spellings)) for path in written}


def _names(path: str, spellings: Counter[str]) -> Iterator[str]:
    start = ""
    for place, name in enumerate(path.split("/")):
        start = name if place == 0 else f"{start}/{name}"
        is_one = spellings[unicodedata.normalize("NFC", start)] == 1
        yield unicodedata.normalize("NFC", name) if is_one else name


def _newest(path: str, rivals: list[zipfile.ZipInfo], problems: list[Problem]) -> zipfile.ZipInfo:
    """Of the entries of one path the one that counts: by its time, of equals the last, as unzip leaves it.

    What cannot be read counts only where nothing else is there.
    """
    readable = [info for info in rivals if not _refusal(info)]
    if readable:
        refused = [info for info in rivals if _refusal(info)]
        problems.extend(Problem(path=path, why=_refusal(info)) for info in refused)
    if len(readable) > 1:
        often = "twice" if len(readable) == 2 else f"{len(readable)} times"
        problems.append(Problem(path=path, why=f"is in the archive {often}; the newest is taken"))
    return sorted(readable or rivals, key=lambda info: info.date_time)[-1]


def _misplacement(info: zipfile.ZipInfo) -> str:
    """Why this entry's path is none below the archive's root, or nothing."""
    path = info.orig_filename.replace("\\", "/")
    parts = path.split("/")
    if path.startswith("/") or ":" in parts[0]:
        return "has an absolute path"
    if ".." in parts or "." in parts or "" in parts or "\0" in path:
        return "has a path that leads elsewhere"
    return ""


def _refusal(info: zipfile.ZipInfo) -> str:
    """Why this entry must not be read, or nothing."""
    mode = info.external_attr >> 16
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

"""Opens a store's file: makes it, checks that it is whole and ours, brings it up to today's schema."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec

from grader.errors import BadStore
from grader.grading import schema

BUSY_MS = 5000
"""Readers may hold the file for a moment; writers are kept apart by the lock beside it."""
SPARE_BYTES = 64 * 1024
"""SQLite's smallest file beside a store takes half of it."""
KEPT = "What was judged is kept."
FREE_SPACE = f"Free some space and run it again. {KEPT}"
START_ANEW = "Restore it from a copy, or name another --store and grade again."


@contextmanager
def complaints(path: Path) -> Iterator[None]:
    """SQLite's complaints about the file at `path` as BadStore, in words."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        raise _in_words(path, problem) from None


def _in_words(path: Path, problem: sqlite3.DatabaseError) -> BadStore:
    """What SQLite complains of, and what to do about it."""
    name = getattr(problem, "sqlite_errorname", "")  # those of Python's own have none
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _is_full(path)):
        return BadStore(f"The disk is full: the store {path} cannot be written.", advice=FREE_SPACE)
    if name.startswith("SQLITE_IOERR"):
        advice = f"Check the disk, its quota and the largest size of a file. {KEPT}"
    elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        advice = "Close the program that holds it open."
    elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        advice = "Check the folder's permissions."
    else:
        advice = START_ANEW
    return BadStore(f"The store {path} cannot be used: {problem}.", advice=advice)


def _is_full(path: Path) -> bool:
    """Whether the disk has next to no space left: what SQLite needs beside the store ends as an I/O error."""
    try:
        return shutil.disk_usage(path.parent).free < SPARE_BYTES
    except OSError:
        return False


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Around what makes sense of values read from the store at `path`: what makes none is damage."""
    try:
        yield
    except (ValueError, TypeError, LookupError, OverflowError, msgspec.MsgspecError) as problem:
        raise damaged(path, str(problem) or type(problem).__name__) from None


def damaged(path: Path, why: str) -> BadStore:
    """What to say of a store that holds what no run has put there."""
    return BadStore(f"The store {path} is damaged ({why}).", advice=START_ANEW)


@contextmanager
def connect(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """A connection to the store at `path`, made anew if it is missing and we may write.

    Raises BadStore when the file is missing, damaged, somebody else's, or newer than this grader.
    """
    if not write and not path.is_file():
        raise BadStore(f"There is no store at {path}.", advice="Run `kata grade` first, or name its --store.")
    with ExitStack() as stack:
        with complaints(path):
            connection = stack.enter_context(_opened(path, write))
            _prepare(connection, path, write)
        yield connection


@contextmanager
def _opened(path: Path, write: bool) -> Iterator[sqlite3.Connection]:
    """The file, or a copy of it where SQLite cannot make the files beside it that a reader needs."""
    with ExitStack() as stack:
        if write or _may_write_beside(path):
            # A reader that may write lets SQLite clean up its side files; it is kept from more later.
            connection = stack.enter_context(closing(_connection(path, "rwc" if write else "rw")))
        else:
            connection = stack.enter_context(closing(_connection(path, "ro")))
            if not _can_be_read(connection):
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kata-"))
                connection = stack.enter_context(closing(_connection(_copied(path, Path(folder)), "rw")))
        yield connection


def _connection(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_MS / 1000
    )


def _can_be_read(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    return True


def _may_write_beside(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK)


def _copied(path: Path, folder: Path) -> Path:
    """The store with what has not been folded into it yet. Raises BadStore."""
    place = path.resolve()
    beside = place.with_name(f"{place.name}-wal")
    try:
        copy = Path(shutil.copyfile(place, folder / "store"))
        if beside.exists():
            shutil.copyfile(beside, folder / "store-wal")
    except OSError as problem:
        words = f"The store {path} cannot be read: {problem.strerror}."
        raise BadStore(words, advice="Check its permissions and the space for temporary files.") from None
    return copy


def _prepare(connection: sqlite3.Connection, path: Path, write: bool) -> None:
    if not write:
        connection.execute("PRAGMA query_only = ON")
    version = _version(connection, path)
    if version:
        _check_whole(connection, path)
    if write:
        connection.execute("PRAGMA journal_mode = WAL")
        # The disk has it before we say so: a power cut is no more than a kill.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _bring_up(connection, version)
    elif not version:
        raise BadStore(
            f"{path} is an empty file and no store.", advice="Run `kata grade` first, or name its --store."
        )
    elif version != schema.VERSION:
        raise BadStore(
            f"The store {path} is of an older version.",
            advice="Run `kata grade` once to bring it up to date.",
        )


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's version; 0 for an empty file. Refuses what is not ours or is newer."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application != schema.APPLICATION_ID:
        raise BadStore(f"{path} is a database of another program.", advice="Name another --store.")
    if version > schema.VERSION:
        raise BadStore(
            f"The store {path} is of version {version}; this grader knows up to {schema.VERSION}.",
            advice="Use the newer grader that wrote it.",
        )
    if version and not all(number in schema.MIGRATIONS for number in range(version, schema.VERSION)):
        raise BadStore(
            f"The store {path} is of version {version}, which cannot be brought up to {schema.VERSION}.",
            advice="Name another --store and grade again.",
        )
    return version


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise damaged(path, str(said).splitlines()[-1])


def _bring_up(connection: sqlite3.Connection, version: int) -> None:
    """Makes or migrates the schema in one transaction: killed midway, the file is as before."""
    if version == schema.VERSION:
        return
    steps = [schema.SCHEMA] if not version else []
    steps += [schema.MIGRATIONS[number] for number in range(version, schema.VERSION) if version]
    script = "\n".join(steps)
    connection.executescript(
        f"BEGIN IMMEDIATE;\n{script}\n"
        f"PRAGMA application_id = {schema.APPLICATION_ID};\n"
        f"PRAGMA user_version = {schema.VERSION};\nCOMMIT;"
    )

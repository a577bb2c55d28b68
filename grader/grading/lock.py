"""One writer at a time on one file, by a lock that the operating system lets go of.

A killed process holds nothing: there is no stale lock to clean up, whatever happened.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO

from grader.errors import BadStore


class WriterLock:
    """Held from entry to exit. Raises BadStore on entry when another process holds it."""

    def __init__(self, guarded: Path) -> None:
        self._guarded = guarded
        self._path = guarded.with_name(guarded.name + ".lock")
        self._file: IO[str] | None = None

    def __enter__(self) -> WriterLock:
        try:
            self._file = self._path.open("a+", encoding="ascii")
        except OSError as problem:
            raise BadStore(f"{self._path} cannot be written: {problem.strerror}.") from None
        try:
            _lock(self._file)
        except OSError:
            holder = self._holder()
            self._file.close()
            raise BadStore(
                f"Another run is writing to {self._guarded}{holder}.",
                advice="Wait for it to end, or give this run a --store of its own.",
            ) from None
        with contextlib.suppress(OSError):  # who holds it is a courtesy, which a full disk need not stop
            self._file.truncate(0)
            self._file.write(f"{os.getpid()}\n")
            self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk keeps the number, never the lock
                self._file.close()  # lets go of the lock; the file stays, for deleting it would be a race

    def _holder(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            return f" (process {int(self._path.read_text(encoding='ascii'))})"
        return ""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        # A byte far behind the end, so that others can still read whose lock it is.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

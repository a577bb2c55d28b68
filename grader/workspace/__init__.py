"""The learner's own folder: their files, and how far they have come.

    DIR/README.md                      what this folder is, and the katas in it
    DIR/.vscode/                       settings, and a task that checks the open file
    DIR/04_gather_readings/README.md   the statement
    DIR/04_gather_readings/gather_readings.py
    DIR/.kata/progress.json            written whole or not at all
    DIR/.kata/last/04_gather_readings.json

What a learner wrote is never overwritten. Time is passed in by the caller, never taken.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from grader.errors import BadInput
from grader.records import Judgement, Kata, Record, Submission
from grader.workspace.files import set_aside, write_new, write_whole
from grader.workspace.progress import PROGRESS_VERSION, KataProgress, Progress
from grader.workspace.starting import MARK, Made, Starter, create

__all__ = [
    "MARK",
    "KataProgress",
    "LastRun",
    "Made",
    "Progress",
    "Starter",
    "Workspace",
    "create",
    "find_workspace",
    "submission_at",
]


class LastRun(Record, frozen=True):
    """The newest judgement of a kata and the source that it is about."""

    judgement: Judgement
    source: bytes


class _Versioned(Record, frozen=True):
    """What every version of the progress file says first."""

    version: int


_PERMISSIONS = "Check the path and its permissions."


def _silent(message: str) -> None:
    """Nobody listens."""


class Workspace:
    """One learner's folder. `notify` is told, in one line, of anything odd that was worked around."""

    def __init__(self, root: Path, notify: Callable[[str], None] = _silent) -> None:
        self.root = root
        self._notify = notify
        self._progress_file = root / MARK / "progress.json"

    @property
    def is_there(self) -> bool:
        """Whether it still is: a folder may be deleted at any time."""
        return (self.root / MARK).is_dir()

    def file(self, kata: Kata) -> Path:
        """Where the learner's file for this kata is."""
        return self.root / kata.name / f"{kata.slug}.py"

    def holds(self, kata: Kata, file: Path) -> bool:
        """Whether that file is this workspace's own for the kata."""
        own = self.file(kata)
        with contextlib.suppress(OSError):
            if file.samefile(own):  # also where it is typed in another case than it has
                return True
        return file.resolve() == own.resolve()

    def progress(self) -> Progress:
        """How far the learner is. A damaged file is set aside, said so, and begun anew.

        Raises BadInput if a newer version wrote it, or if it can be neither read nor set aside.
        """
        try:
            if self._progress_file.exists() and not self._progress_file.is_file():
                self._set_progress_aside()  # a pipe would keep us waiting, and a device has no end
                return Progress()
            content = self._progress_file.read_bytes()
        except FileNotFoundError:
            return Progress()
        except OSError as error:
            said = f"Cannot read {self._progress_file}: {error.strerror}."
            raise BadInput(said, advice=_PERMISSIONS) from None
        try:
            if msgspec.json.decode(content, type=_Versioned).version > PROGRESS_VERSION:
                raise BadInput(f"{self._progress_file} is from a newer kata.", advice="Update this one.")
            return msgspec.json.decode(content, type=Progress)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._set_progress_aside()
            return Progress()

    def _set_progress_aside(self) -> None:
        try:
            aside = set_aside(self._progress_file)
        except OSError as error:
            said = f"{self._progress_file} is damaged and cannot be renamed: {error.strerror}."
            raise BadInput(said, advice=_PERMISSIONS) from None
        self._notify(f"The progress file was damaged: it is kept as {aside}, and a new one begins.")

    def change(self, step: Callable[[Progress], Progress]) -> Progress:
        """Read the progress, take one step, write it back whole or not at all."""
        progress = step(self.progress())
        self._write(self._progress_file, msgspec.json.format(msgspec.json.encode(progress)))
        return progress

    def keep(self, run: LastRun) -> bool:
        """Remember this as the newest judgement of its kata. Whether that could be done."""
        file = self._last_file(run.judgement.number, run.judgement.slug)
        return self._write(file, msgspec.json.encode(run))

    def last_run(self, kata: Kata) -> LastRun | None:
        """The newest judgement; None if there is none, or none that this version can read."""
        try:
            file = self._last_file(kata.number, kata.slug)
            return msgspec.json.decode(file.read_bytes(), type=LastRun) if file.is_file() else None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def reset(self, kata: Kata, stub: str) -> Path | None:
        """Put the stub back; the name under which the learner's file is kept, None if there was none.

        Raises BadInput where the workspace cannot be written to; the file is then as it was.
        """
        file, kept = self.file(kata), None
        try:
            kept = set_aside(file) if file.exists() else None
            write_new(file, stub)
        except OSError as error:
            if kept is not None:
                with contextlib.suppress(OSError):
                    kept.replace(file)
            raise BadInput(f"Cannot write {file}: {error.strerror}.", advice=_PERMISSIONS) from None
        return kept

    def _write(self, path: Path, content: bytes) -> bool:
        """What cannot be remembered is said, and costs nobody their verdict. Nothing is made anew."""
        try:
            if not self.is_there:
                raise FileNotFoundError(errno.ENOENT, "the workspace is gone")
            write_whole(path, content)
        except OSError as error:
            self._notify(f"Cannot write {path} ({error.strerror}): this run is not remembered.")
            return False
        return True

    def _last_file(self, number: int, slug: str) -> Path:
        return self.root / MARK / "last" / f"{number:02d}_{slug}.json"


def find_workspace(start: Path, notify: Callable[[str], None] = _silent) -> Workspace | None:
    """The workspace that `start` is in, looking upwards; None if there is none."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / MARK).is_dir():
            return Workspace(folder, notify)
    return None


def submission_at(file: Path, *, if_missing: str = "Check the path.") -> Submission:
    """The file as a submission: bytes, whatever they are.

    Raises BadInput where there is no file; `if_missing` is what to do then.
    """
    try:
        if not file.exists():
            raise BadInput(f"There is no file {file}.", advice=if_missing)
        if not file.is_file():
            raise BadInput(f"{file} is not a file.", advice="Name the Python file to judge.")
        return Submission(source=file.read_bytes(), filename=_as_text(file.name))
    except OSError as error:
        raise BadInput(f"Cannot read {file}: {error.strerror}.", advice=_PERMISSIONS) from None


def _as_text(name: str) -> str:
    """A file's name as text, whatever the locale made of it; bytes that are no text as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")

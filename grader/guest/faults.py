"""Exceptions on their way over the wire: type, message, notes, groups, and the learner's frames."""

from __future__ import annotations

import io
import tokenize
import traceback
from types import TracebackType

from grader.records import MAX_TEXT, cut
from grader.wire import ExceptionRecord, NotTransferable, OverBound, Packed, pack
from grader.wire.values import MAX_ARGUMENTS, MAX_CLASSES, MAX_FRAMES, MAX_GROUP, MAX_NOTES

MAX_CAUSES = 5
MAX_DEPTH = 5


def refuse_undecodable(source: bytes, filename: str) -> None:
    """Raise SyntaxError, with the line, for a file that is not text in the encoding that it states.

    `python file.py` refuses it; `compile` overlooks such bytes in comments.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:
        encoding = "utf-8"  # If it is that, an unknown encoding was stated, and `compile` says so.
    try:
        source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        said = f"(unicode error) {error}"
        raise SyntaxError(said, (filename, line, None, None)) from None


def text(value: object) -> str:
    """A descriptive text of it, cut."""
    try:
        return cut(str(value)[: MAX_TEXT + 1].encode("utf-8", "backslashreplace").decode())
    except BaseException as error:  # The learner's own __str__ may do anything.
        return f"<its text could not be made: {type(error).__name__}>"


def _argument(value: object) -> Packed:
    try:
        return pack(value)
    except (NotTransferable, OverBound):
        return pack(text(value))


def _frames(tb: TracebackType | None, filename: str) -> list[tuple[int, str]]:
    found = [
        (line, cut(frame.f_code.co_name))
        for frame, line in traceback.walk_tb(tb)
        if frame.f_code.co_filename == filename
    ]
    return found[-MAX_FRAMES:]


def _notes(error: BaseException) -> list[str]:
    notes = getattr(error, "__notes__", None)
    return [text(note) for note in notes[:MAX_NOTES]] if isinstance(notes, list) else []


def _types(error: BaseException) -> list[str]:
    """Its class and the ancestors: of very many the nearest, and those that Python has at the end."""
    names = [cut(kind.__name__) for kind in type(error).__mro__ if issubclass(kind, BaseException)]
    return names if len(names) <= MAX_CLASSES else names[: MAX_CLASSES // 2] + names[-MAX_CLASSES // 2 :]


def record(error: BaseException, filename: str, depth: int = 0) -> ExceptionRecord:
    """An exception as data. `filename` is what the learner's code was compiled as."""
    members = error.exceptions[:MAX_GROUP] if isinstance(error, BaseExceptionGroup) else ()
    if depth >= MAX_DEPTH:
        members = ()
    cause = error.__cause__ if depth < MAX_CAUSES else None
    frames = _frames(error.__traceback__, filename)
    if isinstance(error, SyntaxError) and error.filename == filename and error.lineno:
        frames.append((error.lineno, "<module>"))
    return ExceptionRecord(
        types=_types(error),
        message=text(error),
        arguments=[] if members else [_argument(value) for value in error.args[:MAX_ARGUMENTS]],
        notes=_notes(error),
        frames=frames,
        members=[record(member, filename, depth + 1) for member in members],
        cause=None if cause is None else record(cause, filename, depth + 1),
    )

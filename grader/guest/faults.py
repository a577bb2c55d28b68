"""Exceptions on their way over the wire: type, message, notes, groups, and the learner's frames."""

from __future__ import annotations

import bdb
import io
import tokenize
import traceback
from types import TracebackType

from grader.records import MAX_TEXT, cut
from grader.wire import ExceptionRecord, NotTransferable, OverBound, Packed, pack
from grader.wire.values import MAX_ARGUMENTS, MAX_CLASSES, MAX_EXCEPTIONS, MAX_FRAMES, MAX_GROUP, MAX_NOTES

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


def _frames(tb: TracebackType | None, filename: str) -> tuple[tuple[int, str], ...]:
    found = [
        (line, cut(frame.f_code.co_name))
        for frame, line in traceback.walk_tb(tb)
        if frame.f_code.co_filename == filename
    ]
    return tuple(found[-MAX_FRAMES:])


def _notes(error: BaseException) -> tuple[str, ...]:
    notes = getattr(error, "__notes__", None)
    return tuple(text(note) for note in notes[:MAX_NOTES]) if isinstance(notes, list) else ()


def _left_debugger(error: BaseException) -> bool:
    """Whether pdb found no more commands: it raises BdbQuit, but from 3.14 on it exits."""
    tb = error.__traceback__ if isinstance(error, SystemExit) else None
    return any(frame.f_globals.get("__name__") == "pdb" for frame, _ in traceback.walk_tb(tb))


def _types(error: BaseException) -> tuple[str, ...]:
    """Its class and the ancestors: of very many the nearest, and those that Python has at the end."""
    kind = bdb.BdbQuit if _left_debugger(error) else type(error)
    names = tuple(cut(each.__name__) for each in kind.__mro__ if issubclass(each, BaseException))
    return names if len(names) <= MAX_CLASSES else names[: MAX_CLASSES // 2] + names[-MAX_CLASSES // 2 :]


def record(error: BaseException, filename: str) -> ExceptionRecord:
    """An exception as data. `filename` is what the learner's code was compiled as."""
    return _record(error, filename, [], 0)


def _record(error: BaseException, filename: str, seen: list[BaseException], depth: int) -> ExceptionRecord:
    """One exception of those that belong together; `seen` has those before it."""
    seen.append(error)
    members = error.exceptions[:MAX_GROUP] if isinstance(error, BaseExceptionGroup) else ()
    if depth >= MAX_DEPTH:
        members = ()
    frames = _frames(error.__traceback__, filename)
    if isinstance(error, SyntaxError) and error.filename == filename and error.lineno:
        frames = (*frames[1 - MAX_FRAMES :], (error.lineno, "<module>"))
    told = [_record(each, filename, seen, depth + 1) for each in members if len(seen) < MAX_EXCEPTIONS]
    cause = error.__cause__ if depth < MAX_CAUSES and len(seen) < MAX_EXCEPTIONS else None
    return ExceptionRecord(
        types=_types(error),
        message=text(error),
        arguments=() if told else tuple(_argument(value) for value in error.args[:MAX_ARGUMENTS]),
        notes=_notes(error),
        frames=frames,
        members=tuple(told),
        cause=None if cause is None else _record(cause, filename, seen, depth + 1),
    )

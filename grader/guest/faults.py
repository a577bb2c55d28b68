"""Exceptions on their way over the wire: type, message, notes, groups, and the learner's frames."""

from __future__ import annotations

import bdb
import io
import tokenize
import traceback
from types import TracebackType

from grader.wire import ExceptionRecord, NotTransferable, Packed, pack

MAX_MEMBERS = 50
MAX_TEXT = 4_000
MAX_FRAMES = 30
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


def _text(value: object) -> str:
    try:
        return str(value)[:MAX_TEXT].encode("utf-8", "backslashreplace").decode()
    except BaseException as error:  # The learner's own __str__ may do anything.
        return f"<its text could not be made: {type(error).__name__}>"


def _argument(value: object) -> Packed:
    try:
        return pack(value)
    except NotTransferable:
        return Packed(_text(value))


def _frames(tb: TracebackType | None, filename: str) -> list[tuple[int, str]]:
    found = [
        (line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(tb)
        if frame.f_code.co_filename == filename
    ]
    return found[-MAX_FRAMES:]


def _notes(error: BaseException) -> list[str]:
    notes = getattr(error, "__notes__", None)
    return [_text(note) for note in notes[:10]] if isinstance(notes, list) else []


def _left_debugger(error: BaseException) -> bool:
    """Whether pdb found no more commands: it raises BdbQuit, but from 3.14 on it exits."""
    tb = error.__traceback__ if isinstance(error, SystemExit) else None
    return any(frame.f_globals.get("__name__") == "pdb" for frame, _ in traceback.walk_tb(tb))


def record(error: BaseException, filename: str, depth: int = 0) -> ExceptionRecord:
    """An exception as data. `filename` is what the learner's code was compiled as."""
    members = error.exceptions[:MAX_MEMBERS] if isinstance(error, BaseExceptionGroup) else ()
    if depth >= MAX_DEPTH:
        members = ()
    cause = error.__cause__ if depth < MAX_CAUSES else None
    frames = _frames(error.__traceback__, filename)
    if isinstance(error, SyntaxError) and error.filename == filename and error.lineno:
        frames.append((error.lineno, "<module>"))
    kind = bdb.BdbQuit if _left_debugger(error) else type(error)
    return ExceptionRecord(
        types=[each.__name__[:200] for each in kind.__mro__ if issubclass(each, BaseException)],
        message=_text(error),
        arguments=[] if members else [_argument(value) for value in error.args[:10]],
        notes=_notes(error),
        frames=frames,
        members=[record(member, filename, depth + 1) for member in members],
        cause=None if cause is None else record(cause, filename, depth + 1),
    )

"""The guest's exceptions as exceptions of the judge, for suites to catch and verdicts to explain.

Only names, texts and plain arguments come over the wire. A built-in exception becomes itself; one
of the learner's own classes becomes a stand-in of that name below its nearest built-in ancestor.
"""

from __future__ import annotations

import asyncio
import builtins
import socket
import traceback
from collections.abc import Sequence
from typing import Any

from grader.wire import ExceptionRecord, unpack
from grader.wire.values import MAX_EXCEPTIONS

_KNOWN: dict[str, type[BaseException]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
_KNOWN |= {
    "CancelledError": asyncio.CancelledError,
    "IncompleteReadError": asyncio.IncompleteReadError,
    "InvalidStateError": asyncio.InvalidStateError,
    "LimitOverrunError": asyncio.LimitOverrunError,
    "QueueEmpty": asyncio.QueueEmpty,
    "QueueFull": asyncio.QueueFull,
    "gaierror": socket.gaierror,
}
# These would stop the judge, or be taken for its own.
_DISARMED = ("SystemExit", "KeyboardInterrupt", "GeneratorExit", "MemoryError", "StopIteration")
_MAX_DEPTH = 20
"""How deep groups and causes are followed: what a guest of ours sends is shallower."""
_MAX_NAME = 200


class GuestStop(Exception):
    """Stands in for an exception of the guest that would stop the judge: SystemExit and the like."""


def rebuild(record: ExceptionRecord) -> BaseException:
    """The exception of the judge that stands for this record, which it carries as `guest_record`."""
    return _rebuild(record, [], 0)


def _rebuild(record: ExceptionRecord, seen: list[ExceptionRecord], depth: int) -> BaseException:
    """One exception of those that belong together; `seen` has those before it."""
    seen.append(record)
    if depth > _MAX_DEPTH or len(seen) > MAX_EXCEPTIONS:
        return GuestStop("and so on")
    kind = _class_of(record.types)
    is_group = issubclass(kind, BaseExceptionGroup)
    error = _rebuild_group(record, seen, depth) if is_group else _instance(kind, record)
    for note in record.notes:
        error.add_note(note)
    if record.cause is not None:
        error.__cause__ = _rebuild(record.cause, seen, depth + 1)
    error.guest_record = record  # type: ignore[attr-defined]  # the mark by which verdicts know it
    return error


def _rebuild_group(record: ExceptionRecord, seen: list[ExceptionRecord], depth: int) -> BaseException:
    told = record.members[: max(0, MAX_EXCEPTIONS - len(seen))]
    members = [_rebuild(member, seen, depth + 1) for member in told] or [GuestStop("an empty group")]
    message = record.message.rpartition(" (")[0] or record.message
    if all(isinstance(member, Exception) for member in members):
        return ExceptionGroup(message, [m for m in members if isinstance(m, Exception)])
    return BaseExceptionGroup(message, members)


def _instance(kind: type[BaseException], record: ExceptionRecord) -> BaseException:
    try:
        # A SyntaxError writes out as many carets as its place says, and that comes from outside.
        told = record.arguments[:1] if issubclass(kind, SyntaxError) else record.arguments
        arguments: list[Any] = [unpack(argument) for argument in told]
        error = kind(*arguments)
        # pytest will write it out, and some write out badly what they have been given.
        traceback.format_exception_only(error)
    except Exception:  # Each class has its own demands on its arguments, and these come from outside.
        error = kind.__new__(kind)
        error.args = (record.message,)
    return error


def _class_of(types: Sequence[str]) -> type[BaseException]:
    """The class of an exception, by its names from itself up to BaseException."""
    if any(name in _DISARMED for name in types):
        return GuestStop
    first, *ancestors = types or ["Exception"]
    if first in _KNOWN:
        return _KNOWN[first]
    base = next((_KNOWN[name] for name in ancestors if name in _KNOWN), Exception)
    return type(first.replace("\0", "?")[:_MAX_NAME], (base,), {"__module__": "solution"})


def error_value(types: Any, arguments: Any) -> BaseException:
    """An exception that the guest gave as a value, not raised. Raises TypeError for what is none."""
    if not isinstance(types, list) or not all(isinstance(name, str) for name in types):
        raise TypeError("an exception without a class")
    known = [name for name in types if name in _KNOWN or name not in ("BaseException", "object")]
    return _class_of(known)(*map(str, arguments[:1]))


def record_of(error: BaseException | None) -> ExceptionRecord | None:
    """The guest's record behind an exception, if the guest raised it."""
    found = getattr(error, "guest_record", None)
    return found if isinstance(found, ExceptionRecord) else None

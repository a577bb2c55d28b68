"""Values and exceptions in transit: taken apart into plain parts, and put together again.

Nothing is ever unpickled: `unpack` builds only what its few tags name, within bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from grader.errors import WireError

MAX_DEPTH = 100
"""How deep a value may be nested on its way over the wire."""
MAX_HEX_DIGITS = 3_000
"""Of an integer: about 3,600 decimal digits. Python refuses to write more than 4,300."""
MAX_COLLISIONS = 100
"""How many keys of one set or dict may have the same hash."""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A value in transit: scalars as they are, everything else as [tag, parts]."""

    data: Any


class ExceptionRecord(msgspec.Struct, frozen=True, array_like=True):
    """An exception in transit. `frames` are the learner's only: (line, function)."""

    types: list[str]
    """Class names from its own class up to BaseException."""
    message: str
    arguments: list[Packed]
    notes: list[str]
    frames: list[tuple[int, str]]
    members: list[ExceptionRecord]
    """The exceptions of a group."""
    cause: ExceptionRecord | None = None


Export = Callable[[Any], "list[Any] | None"]
"""Turns what is not plain into a tagged list, None when it cannot."""
Import = Callable[[str, list[Any]], Any]
"""Turns a tagged list that `Export` made into an object. Raises WireError on an unknown tag."""


class NotTransferable(Exception):
    """A value, or a part of it, is not plain data. Names the type that is not."""


def pack(value: Any, export: Export | None = None) -> Packed:
    """Take a value apart for the wire. Raises NotTransferable."""
    return Packed(_take_apart(value, export, 0))


def _take_apart(value: Any, export: Export | None, depth: int) -> Any:
    kind = type(value)
    if depth > MAX_DEPTH:
        raise NotTransferable("a value nested too deep")
    if value is None or kind in (bool, bytes):
        return value
    if kind is str:
        return value if _is_utf8(value) else ["str", value.encode("utf-8", "surrogatepass")]
    if kind is bytearray:
        return bytes(value)
    if kind is int:
        if -(1 << 63) <= value < 1 << 63:
            return value
        if value.bit_length() > 4 * MAX_HEX_DIGITS - 16:
            raise NotTransferable("an integer of thousands of digits")
        return ["int", hex(value)]
    if kind is float:
        return value if math.isfinite(value) else ["float", repr(value)]
    if kind is dict:
        return ["dict", [[_take_apart(part, export, depth + 1) for part in pair] for pair in value.items()]]
    if kind in _SEQUENCES:
        return [kind.__name__, [_take_apart(item, export, depth + 1) for item in value]]
    exported = None if export is None else export(value)
    if exported is not None:
        return exported
    for base in _PLAIN:
        if isinstance(value, base):
            return _take_apart(base(value), export, depth + 1)
    raise NotTransferable(kind.__qualname__)


def _is_utf8(text: str) -> bool:
    """Whether the text can be encoded; one with lone surrogates cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# What a subclass of these is reduced to; order matters, for bool is an int.
_PLAIN: tuple[Any, ...] = (str, bytes, int, float, tuple, list, dict, set, frozenset)
_SEQUENCES: dict[Any, Callable[[list[Any]], Any]] = {list: list, tuple: tuple, set: set, frozenset: frozenset}
_SCALARS = (bool, int, float, str, bytes)
_BY_NAME = {kind.__name__: build for kind, build in _SEQUENCES.items()}


def unpack(packed: Packed, import_: Import | None = None) -> Any:
    """Put a value together again. Raises WireError on what `pack` cannot have made."""
    try:
        return _put_together(packed.data, import_, 0)
    except (TypeError, ValueError, IndexError) as error:
        raise WireError(f"not a value of the protocol: {error}") from None


def _put_together(data: Any, import_: Import | None, depth: int) -> Any:
    if not isinstance(data, list):
        if data is None or type(data) in _SCALARS:
            return data
        raise WireError(f"a bare {type(data).__name__} is not a value of the protocol")
    if depth > MAX_DEPTH:
        raise WireError("a value nested too deep")
    tag, *rest = data
    if tag in _BY_NAME:
        parts = [_put_together(item, import_, depth + 1) for item in rest[0]]
        return _BY_NAME[tag](_spread(parts) if tag in ("set", "frozenset") else parts)
    if tag == "dict":
        pairs = [[_put_together(part, import_, depth + 1) for part in (k, v)] for k, v in rest[0]]
        _spread([key for key, _ in pairs])
        return dict(pairs)
    if tag == "str":
        return str(rest[0], "utf-8", "surrogatepass")
    if tag == "int":
        if len(rest[0]) > MAX_HEX_DIGITS:
            raise WireError("an integer beyond all bounds")
        return int(rest[0], 16)
    if tag == "float":
        return float(rest[0])
    if import_ is None or not isinstance(tag, str):
        raise WireError(f"no value has the tag {tag!r:.40}")
    return import_(tag, rest)


def _spread(keys: list[Any]) -> list[Any]:
    """The same keys, of which few may share a hash: else a table of them costs the square of their number.

    Hashes of numbers and tuples are no secret, so whoever chooses the keys can make them collide.
    """
    found: dict[int, int] = {}
    for key in keys:
        of_key = hash(key)
        found[of_key] = found.get(of_key, 0) + 1
    if max(found.values(), default=0) > MAX_COLLISIONS:
        raise WireError(f"more than {MAX_COLLISIONS} keys with one hash")
    return keys

"""Values and exceptions in transit: taken apart into plain parts, and put together again.

Nothing is ever unpickled: `unpack` builds only what its few tags name, within bounds. A map travels as
`["dict", pairs]`; a bare map of msgpack's is refused before anything of it is built, since whoever chooses
its keys can make them collide, and building it would then take C code the square of their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from grader.errors import WireError
from grader.records import MAX_TEXT, Text, cut

MAX_DEPTH = 100
"""How deep a value may be nested on its way over the wire."""
MAX_HEX_DIGITS = 3_000
"""Of an integer: about 3,600 decimal digits. Python refuses to write more than 4,300."""
MAX_COLLISIONS = 100
"""How many keys of one set or dict may have the same hash."""
MAX_BYTES = 1_000_000
"""What one value may weigh as a message."""
MAX_MEMBERS = 10_000
"""How many members all lists, sets and dicts of one value may have together."""
_MAX_PARTS = 8 * MAX_MEMBERS
"""How many pieces of msgpack those can be: an entry of a dict with two tagged lists is seven."""
MAX_GROUP = 50
"""How many exceptions of a group travel."""
MAX_EXCEPTIONS = 200
"""How many exceptions may belong to one in all: members, members of members, causes."""
MAX_NOTES = 10
MAX_FRAMES = 30
MAX_ARGUMENTS = 10
MAX_CLASSES = 50
"""How many ancestors of an exception's class travel."""


class OverBound(WireError):
    """A value is larger than any that may travel, in words for whoever made it."""


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A value in transit, encoded: scalars as they are, everything else as [tag, parts]."""

    data: msgspec.Raw


class ExceptionRecord(msgspec.Struct, frozen=True, array_like=True):
    """An exception in transit. `frames` are the learner's only: (line, function).

    Tuples, since an empty one takes no memory: there may be very many in one message.
    """

    types: Annotated[tuple[Text, ...], msgspec.Meta(max_length=MAX_CLASSES)]
    """Class names from its own class up to BaseException."""
    message: str
    """Cut where it comes in: a lying guest's too, which is still told."""
    arguments: Annotated[tuple[Packed, ...], msgspec.Meta(max_length=MAX_ARGUMENTS)]
    notes: Annotated[tuple[Text, ...], msgspec.Meta(max_length=MAX_NOTES)]
    frames: Annotated[tuple[tuple[int, Text], ...], msgspec.Meta(max_length=MAX_FRAMES)]
    members: Annotated[tuple[ExceptionRecord, ...], msgspec.Meta(max_length=MAX_GROUP)]
    """The exceptions of a group."""
    cause: ExceptionRecord | None = None

    def __post_init__(self) -> None:
        if len(self.message) > MAX_TEXT:
            msgspec.structs.force_setattr(self, "message", cut(self.message))


Export = Callable[[Any], "list[Any] | None"]
"""Turns what is not plain into a tagged list, None when it cannot."""
Import = Callable[[str, list[Any]], Any]
"""Turns a tagged list that `Export` made into an object. Raises WireError on an unknown tag."""


class NotTransferable(Exception):
    """A value, or a part of it, is not plain data. Names the type that is not."""


def pack(value: Any, export: Export | None = None) -> Packed:
    """Take a value apart for the wire. Raises NotTransferable, or OverBound."""
    return encoded(_take_apart(value, export, _Room(), 0))


def encoded(parts: Any) -> Packed:
    """Plain parts as they travel. Raises OverBound."""
    data = _encoder.encode(parts)
    if len(data) > MAX_BYTES:
        raise OverBound(f"a value of {len(data):,} bytes; at most {MAX_BYTES:,} are allowed")
    return Packed(msgspec.Raw(data))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


class _Room:
    """How many members a value may still have."""

    def __init__(self) -> None:
        self._left = MAX_MEMBERS

    def take(self, count: int) -> None:
        """Raises OverBound."""
        self._left -= count
        if self._left < 0:
            raise OverBound(f"a value of more than {MAX_MEMBERS:,} members")


def _take_apart(value: Any, export: Export | None, room: _Room, depth: int) -> Any:
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
        room.take(len(value))
        pairs = [[_take_apart(part, export, room, depth + 1) for part in pair] for pair in value.items()]
        return ["dict", pairs]
    if kind in _SEQUENCES:
        room.take(len(value))
        return [kind.__name__, [_take_apart(item, export, room, depth + 1) for item in value]]
    exported = None if export is None else export(value)
    if exported is not None:
        return exported
    for base in _PLAIN:
        if isinstance(value, base):
            return _take_apart(base(value), export, room, depth + 1)
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
_BY_NAME = {kind.__name__: build for kind, build in _SEQUENCES.items()}


def unpack(packed: Packed, import_: Import | None = None) -> Any:
    """Put a value together again. Raises WireError on what `pack` cannot have made; see `OverBound`."""
    count_parts(packed)
    try:
        return _put_together(_decoder.decode(packed.data), import_, _Room(), 0)
    except (TypeError, ValueError, IndexError, RecursionError) as error:
        raise WireError(f"not a value of the protocol: {cut(str(error))}") from None


def count_parts(packed: Packed) -> int:
    """How many pieces a value has, none of which is built. Raises WireError for a map, OverBound for many.

    The heads are msgpack's (https://github.com/msgpack/msgpack/blob/master/spec.md).
    """
    data = bytes(packed.data)
    if len(data) > MAX_BYTES:
        raise OverBound(f"a value of {len(data):,} bytes; at most {MAX_BYTES:,} are allowed")
    at, left, parts = 0, 1, 0
    while left:
        parts += 1
        if parts > _MAX_PARTS:
            raise OverBound(f"a value of more than {MAX_MEMBERS:,} members")
        left -= 1
        head = data[at]
        at += 1
        if head < 0x80 or head >= 0xE0:
            continue
        if head < 0x90 or head in (0xDE, 0xDF):
            raise WireError("a bare map is not a value of the protocol")
        if head < 0xA0:
            left += head & 0x0F
        elif head < 0xC0:
            at += head & 0x1F
        elif head in _COUNTED:
            size = _COUNTED[head]
            at += size + int.from_bytes(data[at : at + size])
        elif head in (0xDC, 0xDD):
            size = 2 if head == 0xDC else 4
            left += int.from_bytes(data[at : at + size])
            at += size
        elif head in _FIXED:
            at += _FIXED[head]
        else:
            raise WireError("an extension of msgpack's is not a value of the protocol")
    return parts


_COUNTED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
"""Heads of bytes and texts: how many bytes say how many follow."""
_FIXED = {
    **{0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8},
    **{0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8},
}
"""Heads of None, truths and numbers: how many bytes follow."""


def _put_together(data: Any, import_: Import | None, room: _Room, depth: int) -> Any:
    if not isinstance(data, list):
        return data
    if depth > MAX_DEPTH:
        raise WireError("a value nested too deep")
    tag, *rest = data
    if tag in _BY_NAME:
        room.take(len(rest[0]))
        parts = [_put_together(item, import_, room, depth + 1) for item in rest[0]]
        return _BY_NAME[tag](_spread(parts) if tag in ("set", "frozenset") else parts)
    if tag == "dict":
        room.take(len(rest[0]))
        pairs = [[_put_together(part, import_, room, depth + 1) for part in (k, v)] for k, v in rest[0]]
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

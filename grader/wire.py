"""Judge <-> guest: typed messages, plain values, and frames.

The two processes strictly alternate. The judge sends a `Step` (the time and what has happened since),
the guest runs until none of its threads can, and answers with an `Idle` (until when, and everything
that it did). A frame is a four-byte big-endian length and one msgpack message.

Nothing that comes over the wire is trusted: it is decoded into exactly these types by msgspec,
within the bounds of `Limits`, and values are rebuilt from plain parts (`unpack`), never unpickled.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import msgspec

from grader.errors import WireError
from grader.records import BlockedStretch, History, Snapshot

HEADER = struct.Struct(">I")
MAX_DEPTH = 100
"""How deep a value may be nested on its way over the wire."""


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Base of everything said between judge and guest."""


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


# -- judge to guest --------------------------------------------------------------------------------
class Load(Message):
    """Run this source as a module. Always the first event."""

    source: bytes
    filename: str
    name: str
    tracing: bool


class Call(Message):
    """Call a function of the module, or a method of the object `target`, as a task of its own."""

    number: int
    target: int | None
    name: str
    arguments: Packed
    keywords: Packed
    strict: bool
    """The call must give an awaitable, and that plain data; else both are free."""
    into: int | None
    """Keep what the call gives, not awaited, as the guest's object of that (negative) number."""


class Cancel(Message):
    """Cancel the task of that call."""

    number: int


class Forget(Message):
    """The judge no longer uses that object."""

    target: int


class Answer(Message):
    """What a judge's callable returned to the guest's `Ask`."""

    number: int
    value: Packed | None
    error: ExceptionRecord | None


class Ping(Message):
    """A small question that only a free loop answers."""

    number: int


class Inspect(Message):
    """Say what is left: pending tasks, things never awaited, open sockets."""


class Connected(Message):
    number: int
    local: tuple[str, int]
    remote: tuple[str, int]


class Refused(Message):
    number: int
    error: int


class Arrived(Message):
    number: int
    data: bytes


class Finished(Message):
    number: int


class Aborted(Message):
    number: int


class Acknowledged(Message):
    number: int
    count: int


class Incoming(Message):
    listener: int
    number: int
    local: tuple[str, int]
    remote: tuple[str, int]


class DatagramIn(Message):
    number: int
    data: bytes
    source: tuple[str, int]


class Resolved(Message):
    number: int
    address: str | None


class Signal(Message):
    """The outside sends the guest a signal."""

    signum: int


Event = (
    Load | Call | Cancel | Forget | Answer | Ping | Inspect | Connected | Refused | Arrived | Finished
    | Aborted | Acknowledged | Incoming | DatagramIn | Resolved | Signal
)  # fmt: skip


class Step(Message):
    """It is `now_ns`, and this has happened since your last `Idle`."""

    now_ns: int
    events: list[Event]


# -- guest to judge --------------------------------------------------------------------------------
class Entered(Message):
    """The guest stands in its sandbox: how far it was shut in, and what is missing."""

    isolation: str
    missing: list[str]


class Loaded(Message):
    """The module has run; `error` when it raised."""

    error: ExceptionRecord | None


class Returned(Message):
    number: int
    value: Packed


class Raised(Message):
    number: int
    error: ExceptionRecord


class NotAwaitable(Message):
    """The call gave something that cannot be awaited: `kind` names its type."""

    number: int
    kind: str
    line: int | None


class NotPlain(Message):
    """The call gave something that cannot cross the wire."""

    number: int
    kind: str


class Ask(Message):
    """Call the judge's callable of that number; answered by `Answer`."""

    number: int
    callable: int
    arguments: Packed
    keywords: Packed


class Unask(Message):
    """The asking task was cancelled."""

    number: int


class Pong(Message):
    number: int


class Printed(Message):
    stream: str
    text: str


class Noted(Message):
    """Something for the history: it explains and never decides."""

    blocked: list[BlockedStretch]
    snapshots: list[Snapshot]


class Inspected(Message):
    history: History


class Died(Message):
    """The guest's main thread ended with this: nothing more will come of it."""

    error: ExceptionRecord


class ScriptEnded(Message):
    """`__main__` has run to its end."""

    error: ExceptionRecord | None


class Connect(Message):
    number: int
    source: tuple[str, int]
    target: tuple[str, int]


class Transmit(Message):
    number: int
    data: bytes


class Finish(Message):
    number: int


class Close(Message):
    number: int


class Abort(Message):
    number: int


class Consumed(Message):
    number: int
    count: int


class Listen(Message):
    number: int
    local: tuple[str, int]


class Unlisten(Message):
    number: int


class OpenPort(Message):
    number: int
    local: tuple[str, int]


class ClosePort(Message):
    number: int


class SendDatagram(Message):
    source: tuple[str, int]
    target: tuple[str, int]
    data: bytes


class Resolve(Message):
    number: int
    name: str


Action = (
    Entered | Loaded | Returned | Raised | NotAwaitable | NotPlain | Ask | Unask | Pong | Printed | Noted
    | Inspected | Died | ScriptEnded | Connect | Transmit | Finish | Close | Abort | Consumed | Listen
    | Unlisten | OpenPort | ClosePort | SendDatagram | Resolve
)  # fmt: skip


class Idle(Message):
    """None of my threads can run before `until_ns` (None: never); this is what they did."""

    until_ns: int | None
    actions: list[Action]


_encoder = msgspec.msgpack.Encoder()
_idle_decoder = msgspec.msgpack.Decoder(Idle)
_step_decoder = msgspec.msgpack.Decoder(Step)


def frame(message: Step | Idle) -> bytes:
    """One message as bytes with its length in front."""
    body = _encoder.encode(message)
    return HEADER.pack(len(body)) + body


def read_idle(body: bytes) -> Idle:
    """Decode what a guest sent. Raises WireError on anything but an `Idle`."""
    try:
        return _idle_decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise WireError(f"not a message of the protocol: {error}") from None


def read_step(body: bytes) -> Step:
    """Decode what the judge sent."""
    return _step_decoder.decode(body)


# -- values ----------------------------------------------------------------------------------------
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
    if value is None or kind in (bool, str, bytes):
        return value
    if kind is int:
        return value if -(1 << 63) <= value < 1 << 63 else ["int", hex(value)]
    if kind is float:
        return value if math.isfinite(value) else ["float", repr(value)]
    if kind is dict:
        return ["dict", [[_take_apart(part, export, depth + 1) for part in pair] for pair in value.items()]]
    if kind in _SEQUENCES:
        return [kind.__name__, [_take_apart(item, export, depth + 1) for item in value]]
    exported = None if export is None else export(value)
    if exported is not None:
        return exported
    for base in (str, bytes, bytearray, int, float, tuple, list, dict, set, frozenset):
        if isinstance(value, base):
            plain = bytes(value) if base is bytearray else base(value)
            return _take_apart(plain, export, depth + 1)
    raise NotTransferable(kind.__qualname__)


_SEQUENCES: dict[Any, Callable[[list[Any]], Any]] = {list: list, tuple: tuple, set: set, frozenset: frozenset}
_BY_NAME = {kind.__name__: build for kind, build in _SEQUENCES.items()}


def unpack(packed: Packed, import_: Import | None = None) -> Any:
    """Put a value together again. Raises WireError on what `pack` cannot have made."""
    try:
        return _put_together(packed.data, import_)
    except (TypeError, ValueError, IndexError, RecursionError) as error:
        raise WireError(f"not a value of the protocol: {error}") from None


def _put_together(data: Any, import_: Import | None) -> Any:
    if not isinstance(data, list):
        if isinstance(data, dict):
            raise WireError("a bare map is not a value of the protocol")
        return data
    tag, *rest = data
    if tag in _BY_NAME:
        return _BY_NAME[tag]([_put_together(item, import_) for item in rest[0]])
    if tag == "dict":
        return {_put_together(k, import_): _put_together(v, import_) for k, v in rest[0]}
    if tag == "int":
        if len(rest[0]) > 100_000:
            raise WireError("an integer beyond all bounds")
        return int(rest[0], 16)
    if tag == "float":
        return float(rest[0])
    if import_ is None or not isinstance(tag, str):
        raise WireError(f"no value has the tag {tag!r:.40}")
    return import_(tag, rest)

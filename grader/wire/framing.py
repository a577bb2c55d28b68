"""Framing: every message travels behind its length, four bytes, big-endian.

All that this program's processes say to each other goes so: judge and guest, judge and zygote, a run and
its judging processes. Whoever reads from an end that it does not trust names a bound, and the bound is
looked at before any of the body is read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import msgspec

from grader.errors import WireError
from grader.records import cut
from grader.wire.actions import Idle
from grader.wire.events import Step

HEADER = struct.Struct(">I")
MAX_BODY = (1 << 32) - 1
"""The longest body whose length fits its header."""
_CHUNK = 1 << 20

_encoder = msgspec.msgpack.Encoder()
_idle_decoder = msgspec.msgpack.Decoder(Idle)
_step_decoder = msgspec.msgpack.Decoder(Step)


# -- bytes -----------------------------------------------------------------------------------------
def framed(body: bytes) -> bytes:
    """A body with its length in front."""
    return HEADER.pack(len(body)) + body


def body_size(header: bytes | bytearray, max_bytes: int = MAX_BODY) -> int:
    """The length that a header announces. Raises WireError for more than `max_bytes`."""
    size: int = HEADER.unpack_from(header)[0]
    if size > max_bytes:
        raise WireError(f"a message of {size} bytes; at most {max_bytes} are allowed")
    return size


def read_exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """So many bytes from `read(n)`, which gives at most n, and b"" at the end. Raises EOFError there."""
    parts: list[bytes] = []
    while size:
        part = read(min(size, _CHUNK))
        if not part:
            raise EOFError("the other end is closed")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_frame(read: Callable[[int], bytes], max_bytes: int = MAX_BODY) -> bytes:
    """The next frame's body, waiting for it. Raises EOFError at the end, WireError for one too large."""
    return read_exactly(read, body_size(read_exactly(read, HEADER.size), max_bytes))


class FrameCutter:
    """Cuts bytes into frames as they come, for whoever must not wait for a whole one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self, max_bytes: int) -> bytes | None:
        """The next whole frame's body, None if more bytes are needed. Raises WireError."""
        if len(self._buffer) < HEADER.size:
            return None
        end = HEADER.size + body_size(self._buffer, max_bytes)
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return body


# -- what judge and guest say ----------------------------------------------------------------------
def frame(message: Step | Idle) -> bytes:
    """One message as bytes with its length in front."""
    return framed(_encoder.encode(message))


def read_idle(body: bytes) -> Idle:
    """Decode what a guest sent. Raises WireError on anything but an `Idle`."""
    try:
        return _idle_decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise WireError(f"not a message of the protocol: {cut(str(error))}") from None


def read_step(body: bytes) -> Step:
    """Decode what the judge sent."""
    return _step_decoder.decode(body)

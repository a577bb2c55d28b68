"""Frames: a four-byte big-endian length and one msgpack message."""

from __future__ import annotations

import struct

import msgspec

from grader.errors import WireError
from grader.records import cut
from grader.wire.actions import Idle
from grader.wire.events import Step

HEADER = struct.Struct(">I")

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
        raise WireError(f"not a message of the protocol: {cut(str(error))}") from None


def read_step(body: bytes) -> Step:
    """Decode what the judge sent."""
    return _step_decoder.decode(body)

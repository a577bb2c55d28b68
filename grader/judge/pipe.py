"""Frames between judge and guest, with a real deadline on every read.

The guest is not trusted: a frame's size is bounded before its body is read, and neither silence
nor half a frame can hold the judge up past the deadline.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from typing import IO, Protocol

from grader.errors import WireError
from grader.wire import HEADER

_CHUNK = 1 << 18


class GuestGone(Exception):
    """The guest's end of the wire is closed. The guest's doing."""


class Pipe(Protocol):
    """A two-way stream of frames. `deadline_s` is an instant of `time.monotonic`."""

    def send(self, frame: bytes, deadline_s: float) -> None:
        """Raises GuestGone, or TimeoutError when the guest does not take it in time."""

    def receive(self, max_bytes: int, deadline_s: float) -> bytes:
        """One frame's body. Raises GuestGone, TimeoutError, or WireError for a frame too large."""

    def close(self) -> None: ...


def _left(deadline_s: float) -> float:
    left = deadline_s - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Frames:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self, max_bytes: int) -> bytes | None:
        """The next whole frame's body, None if more bytes are needed. Raises WireError."""
        if len(self._buffer) < HEADER.size:
            return None
        (size,) = HEADER.unpack_from(self._buffer)
        if size > max_bytes:
            raise WireError(f"a message of {size} bytes; at most {max_bytes} are allowed")
        end = HEADER.size + size
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return body


class SocketPipe:
    """Frames over a socket pair: what a forked guest has."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._frames = _Frames()

    def send(self, frame: bytes, deadline_s: float) -> None:
        try:
            self.connection.settimeout(_left(deadline_s))
            self.connection.sendall(frame)
        except TimeoutError:
            raise
        except OSError as error:
            raise GuestGone(str(error)) from None

    def receive(self, max_bytes: int, deadline_s: float) -> bytes:
        while (body := self._frames.next(max_bytes)) is None:
            self.connection.settimeout(_left(deadline_s))
            try:
                data = self.connection.recv(_CHUNK)
            except TimeoutError:
                raise
            except OSError as error:
                raise GuestGone(str(error)) from None
            if not data:
                raise GuestGone("it closed the wire")
            self._frames.feed(data)
        return body

    def receive_now(self, max_bytes: int) -> list[bytes]:
        """The bodies of all frames that are there already. Raises GuestGone or WireError."""
        self.connection.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            data = self.connection.recv(_CHUNK)
            if not data:
                raise GuestGone("it closed the wire")
            self._frames.feed(data)
        bodies = []
        while (body := self._frames.next(max_bytes)) is not None:
            bodies.append(body)
        return bodies

    def close(self) -> None:
        self.connection.close()


class StreamPipe:
    """Frames over two pipes: what a spawned guest has. A thread reads, for pipes have no deadline."""

    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        self._source, self._sink = source, sink
        self._frames = _Frames()
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self._source.read(_CHUNK):
                self._chunks.put(data)
        self._chunks.put(b"")

    def send(self, frame: bytes, deadline_s: float) -> None:
        try:
            self._sink.write(frame)
            self._sink.flush()
        except OSError as error:
            raise GuestGone(str(error)) from None

    def receive(self, max_bytes: int, deadline_s: float) -> bytes:
        while (body := self._frames.next(max_bytes)) is None:
            try:
                data = self._chunks.get(timeout=_left(deadline_s))
            except queue.Empty:
                raise TimeoutError from None
            if not data:
                raise GuestGone("it closed the wire")
            self._frames.feed(data)
        return body

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sink.close()
        self._reader.join(timeout=1)
        with contextlib.suppress(OSError):
            self._source.close()

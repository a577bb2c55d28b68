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
from collections.abc import Callable
from typing import IO, Protocol

from grader.wire import FrameCutter

_CHUNK = 1 << 18


class GuestGone(Exception):
    """The guest's end of the wire is closed. The guest's doing."""


class FramePipe(Protocol):
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


class SocketPipe:
    """Frames over a socket pair: what a forked guest has."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._frames = FrameCutter()

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

    def close(self) -> None:
        self.connection.close()


class StreamPipe:
    """Frames over two pipes: what a guest in a process of its own has.

    Pipes have no deadline, so threads read and write: what the guest does not take is nobody's wait.
    """

    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        """Both unbuffered."""
        self._source, self._sink = source, sink
        self._frames = FrameCutter()
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._outgoing: queue.Queue[bytes] = queue.Queue()
        self.on_data: Callable[[], None] | None = None
        """Called by another thread when there is something to receive, or no more will come."""
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self._source.read(_CHUNK):
                self._heard(data)
        self._heard(b"")

    def _heard(self, data: bytes) -> None:
        self._chunks.put(data)
        if self.on_data is not None:
            self.on_data()

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # The guest has gone: `receive` says so.
            while data := memoryview(self._outgoing.get()):
                while data:
                    data = data[self._sink.write(data) :]

    def send(self, frame: bytes, deadline_s: float) -> None:
        self._outgoing.put(frame)

    def receive(self, max_bytes: int, deadline_s: float) -> bytes:
        while (body := self._frames.next(max_bytes)) is None:
            try:
                self._feed(self._chunks.get(timeout=_left(deadline_s)))
            except queue.Empty:
                raise TimeoutError from None
        return body

    def receive_now(self, max_bytes: int) -> list[bytes]:
        """The bodies of all frames that are there already. Raises GuestGone or WireError."""
        with contextlib.suppress(queue.Empty):
            self._feed(self._chunks.get_nowait())
        bodies = []
        while (body := self._frames.next(max_bytes)) is not None:
            bodies.append(body)
        return bodies

    def _feed(self, data: bytes) -> None:
        if not data:
            raise GuestGone("it closed the wire")
        self._frames.feed(data)

    def close(self) -> None:
        """Let go of both pipes. The guest's process has ended, so no thread is held up for long."""
        self._outgoing.put(b"")
        for thread in self._threads:
            thread.join(timeout=1)
        for stream in (self._sink, self._source):
            with contextlib.suppress(OSError):
                stream.close()

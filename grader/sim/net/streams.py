"""Streams, listeners and datagram ports: the state that sockets and pipes show to a program."""

from __future__ import annotations

import errno
import os
from collections import deque
from typing import Protocol

from grader.sim.descriptors import READABLE, WRITABLE, Descriptor
from grader.sim.kernel import Kernel
from grader.sim.net.medium import WINDOW, Address


class StreamRoute(Protocol):
    """The way to a stream's other end: through the network, or straight to a local twin."""

    def transmit(self, data: bytes) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...

    def consumed(self, count: int) -> None: ...


class Stream(Descriptor):
    """One end of a byte stream. Reading and writing never block here: None means "would"."""

    def __init__(self, kernel: Kernel, line: StreamRoute | None = None) -> None:
        super().__init__(kernel)
        self.line = line
        self.connected = False
        self.error = 0
        self.local: Address | str = ("0.0.0.0", 0)
        self.remote: Address | str | None = None
        self.inbox = bytearray()
        self.window = WINDOW
        self._unacknowledged = 0
        self.at_end = False
        self.write_closed = False
        self.closed = False

    # -- what the program does ---------------------------------------------------------------------
    def poll(self) -> int:
        mask = 0
        if self.inbox or self.at_end or self.error:
            mask |= READABLE
        if self.error or (self.connected and (self.window > 0 or self.write_closed)):
            mask |= WRITABLE
        return mask

    def read(self, size: int, *, peek: bool = False) -> bytes | None:
        """Up to `size` bytes, b"" at the end, None if it would block. Raises the pending error."""
        if self.inbox:
            data = bytes(self.inbox[:size])
            if not peek:
                del self.inbox[:size]
                self._acknowledge(len(data))
            return data
        self._raise_error()
        return b"" if self.at_end else None

    def _acknowledge(self, count: int) -> None:
        # A quarter window at a time, as TCP delays its own: small exchanges cost no message.
        self._unacknowledged += count
        if self._unacknowledged >= WINDOW // 4 and self.line is not None:
            self.line.consumed(self._unacknowledged)
            self._unacknowledged = 0

    def write(self, data: bytes) -> int | None:
        """Send what the window allows; how many bytes that was, None if it would block.

        Raises BrokenPipeError after a half-close, ConnectionResetError once after a reset.
        """
        self._raise_error()
        if self.write_closed:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        if not self.connected or self.line is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        if not data:
            return 0
        count = min(len(data), self.window)
        if count == 0:
            return None
        self.window -= count
        self.line.transmit(data[:count])
        return count

    def take_signal(self, signum: int) -> None:
        if self.connected and not self.closed:
            self.write(bytes([signum]))

    def finish(self) -> None:
        """Half-close: nothing more will be written."""
        if not self.write_closed:
            self.write_closed = True
            if self.line is not None and self.connected:
                self.line.finish()
            self.changed()

    def close(self, *, abort: bool = False) -> None:
        if self.closed:
            return
        self.closed = True
        if self.line is not None and (self.connected or not self.error):
            # As TCP does: closing with bytes unread tells the sender that they were lost.
            if abort or self.inbox:
                self.line.abort()
            else:
                self.line.close()
        self.write_closed = True

    def take_error(self) -> int:
        """The pending error's number, cleared, as `getsockopt(SO_ERROR)` does; 0 for none."""
        error, self.error = self.error, 0
        return error

    def _raise_error(self) -> None:
        error = self.take_error()
        if error:
            self.at_end = True
            raise OSError(error, os.strerror(error))

    # -- what comes from the other end -------------------------------------------------------------
    def connect_done(self, local: Address, remote: Address) -> None:
        self.connected = True
        self.local, self.remote = local, remote
        self.changed()

    def fail(self, error: int) -> None:
        """The connection was refused or reset."""
        self.error = error
        self.write_closed = self.connected
        self.changed()

    def arrived(self, data: bytes) -> None:
        self.inbox += data
        self.changed()

    def finished(self) -> None:
        self.at_end = True
        self.changed()

    def acknowledged(self, count: int) -> None:
        self.window += count
        self.changed()


class Twin:
    """The line of a socket pair or pipe: straight into the other end, at the same instant."""

    def __init__(self, other: Stream) -> None:
        self._other = other

    def transmit(self, data: bytes) -> None:
        if not self._other.closed:
            self._other.arrived(data)

    def finish(self) -> None:
        self._other.finished()

    def abort(self) -> None:
        if not self._other.closed:
            self._other.fail(errno.ECONNRESET)

    def close(self) -> None:
        if not self._other.closed:
            # The reader has gone: the writer's next write must fail.
            self._other.write_closed = True
            self._other.finished()

    def consumed(self, count: int) -> None:
        self._other.acknowledged(count)


def stream_pair(kernel: Kernel) -> tuple[Stream, Stream]:
    """Two connected ends on one machine."""
    one, two = Stream(kernel), Stream(kernel)
    one.line, two.line = Twin(two), Twin(one)
    one.connected = two.connected = True
    one.local = two.local = one.remote = two.remote = ""
    return one, two


class Listener(Descriptor):
    """A listening socket's queue of connections not yet accepted."""

    def __init__(self, kernel: Kernel, local: Address | str, backlog: int) -> None:
        super().__init__(kernel)
        self.local = local
        self.backlog = max(1, backlog)
        self.queue: deque[Stream] = deque()

    def poll(self) -> int:
        return READABLE if self.queue else 0

    def offer(self, stream: Stream) -> None:
        self.queue.append(stream)
        self.changed()

    def accept(self) -> Stream | None:
        """The next connection, None if it would block."""
        return self.queue.popleft() if self.queue else None

    def close(self) -> None:
        while self.queue:
            self.queue.popleft().close(abort=True)


class Port(Descriptor):
    """A datagram socket's inbox: whole datagrams with their senders; a full inbox drops."""

    MAX_QUEUED = 4096

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.local: Address | str = ("0.0.0.0", 0)
        self.remote: Address | None = None
        self.inbox: deque[tuple[bytes, Address]] = deque()
        self.error = 0

    def poll(self) -> int:
        return WRITABLE | (READABLE if self.inbox or self.error else 0)

    def arrived(self, data: bytes, source: Address) -> None:
        if self.remote is not None and source != self.remote:
            return
        if len(self.inbox) < self.MAX_QUEUED:
            self.inbox.append((data, source))
            self.changed()

    def read(self, *, peek: bool = False) -> tuple[bytes, Address] | None:
        """The next datagram and its sender, None if it would block."""
        if not self.inbox:
            return None
        return self.inbox[0] if peek else self.inbox.popleft()

    def take_error(self) -> int:
        """The pending error's number, cleared; 0 for none."""
        error, self.error = self.error, 0
        return error

    def close(self) -> None:
        self.inbox.clear()

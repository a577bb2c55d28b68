"""What lies between the sockets of one machine and the network: two narrow interfaces.

A `Stack` (one machine's sockets) calls its `Medium`; the medium calls back the stack's `NetworkEvents`
methods. In the judge the medium is the `Network` itself; in a guest it turns each call into a
message to the judge, and each message from the judge into a callback. Numbers name connections,
listeners and datagram ports; a stack numbers those that it opens (odd), the network numbers the
connections that it brings to a listener (even).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Address = tuple[str, int]
WINDOW = 65_536
"""Bytes that one direction of a stream holds, sent and not yet read: the socket buffers together."""


class Medium(Protocol):
    """What a stack asks of the network. None of it blocks; answers come to the `NetworkEvents`."""

    def connect(self, number: int, source: Address, target: Address) -> None:
        """Open a connection; answered by `connected` or `refused`, or never by a black hole."""

    def transmit(self, number: int, data: bytes) -> None:
        """Send bytes; the stack keeps within the window that `acknowledged` opens again."""

    def finish(self, number: int) -> None:
        """No more bytes will be sent: half-close."""

    def close(self, number: int) -> None:
        """Half-close and forget: bytes that arrive from now on are answered with a reset."""

    def abort(self, number: int) -> None:
        """Reset the connection: the other end's reads and writes fail."""

    def consumed(self, number: int, count: int) -> None:
        """The program has read `count` bytes: the other end's window opens by as much."""

    def listen(self, number: int, local: Address) -> None:
        """Bring connections to `local` to this stack as `incoming`."""

    def unlisten(self, number: int) -> None:
        """Bring no more."""

    def open_port(self, number: int, local: Address) -> None:
        """Bring datagrams to `local` to this stack as `datagram`."""

    def close_port(self, number: int) -> None:
        """Bring no more."""

    def send_datagram(self, source: Address, target: Address, data: bytes) -> None:
        """Send one datagram, which may be lost, doubled or overtaken."""

    def resolve(self, name: str, answer: Callable[[str | None], None]) -> None:
        """Look a host's name up; `answer(address)`, None when there is no such host."""


class NetworkEvents(Protocol):
    """What the network tells a stack."""

    def connected(self, number: int, local: Address, remote: Address) -> None: ...

    def refused(self, number: int, error: int) -> None: ...

    def arrived(self, number: int, data: bytes) -> None: ...

    def finished(self, number: int) -> None: ...

    def aborted(self, number: int) -> None: ...

    def acknowledged(self, number: int, count: int) -> None: ...

    def incoming(self, listener: int, number: int, local: Address, remote: Address) -> None: ...

    def datagram(self, port: int, data: bytes, source: Address) -> None: ...

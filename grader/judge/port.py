"""The guest's place in the judge's network: its messages become calls, and the answers messages.

Numbers and addresses come from the guest: each is checked against what it has itself opened. It may
have no more sockets open, nor more bytes under way, than an honest machine would let it: what goes
beyond is a WireError, and its failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from grader import wire
from grader.errors import WireError
from grader.sim.net.medium import WINDOW, Address
from grader.sim.net.network import NetworkInterface
from grader.wire import OverBound

MAX_DATAGRAM = 65_535
MAX_HOST_BYTES = 4 << 20
"""What a guest may send to one host in a check: a server of the suite's may keep all of it."""
MAX_SENT_BYTES = 32 << 20
"""What it may send to all hosts together."""


MAX_ATTEMPTS = 20_000
"""Connections that a check takes note of: who opens more is ended."""


@dataclass
class Attempt:
    """A connection that the guest has opened, or tried to; instants in ns of the virtual clock."""

    address: str
    began_ns: int
    ended_ns: int | None = None
    """When the guest closed it, or it was refused or broken off; None while it is open."""


class _GuestConnection:
    """What is under way on one connection of the guest's, in bytes."""

    __slots__ = ("host", "unacknowledged", "unread")

    def __init__(self, host: str) -> None:
        self.host = host
        self.unacknowledged = 0
        self.unread = 0


class GuestPort:
    """The `NetworkEvents` of the guest's plug, and the way in for what it does on the network."""

    def __init__(self, post: Callable[[wire.Event], None], max_sockets: int) -> None:
        self._post = post
        self._plug: NetworkInterface | None = None
        self._max_sockets = max_sockets
        self._last_number = 0
        self._sent_bytes = 0
        self._sent_to: dict[str, int] = {}
        self._connections: dict[int, _GuestConnection] = {}
        self._attempts: dict[int, Attempt] = {}
        """By the number of its socket, in order."""
        self._listening: dict[int, None] = {}

    def plug_in(self, plug: NetworkInterface) -> dict[type, Callable[[Any], None]]:
        """Take the guest's plug; returns what to do with each of its network messages."""
        self._plug = plug
        return {
            wire.Connect: lambda m: self._connect(plug, m),
            wire.Transmit: lambda m: self._transmit(plug, m),
            wire.Finish: lambda m: plug.finish(m.number),
            wire.Close: lambda m: plug.close(self._gone(m.number)),
            wire.Abort: lambda m: plug.abort(self._gone(m.number)),
            wire.Consumed: lambda m: self._consumed(plug, m),
            wire.Listen: lambda m: plug.listen(self._opened(m.number), self._own(m.local)),
            wire.Unlisten: lambda m: plug.unlisten(self._gone(m.number)),
            wire.OpenPort: lambda m: plug.open_port(self._opened(m.number), self._own(m.local)),
            wire.ClosePort: lambda m: plug.close_port(self._gone(m.number)),
            wire.SendDatagram: lambda m: self._send_datagram(plug, m),
            wire.Resolve: lambda m: plug.resolve(m.name, partial(self._resolved, m.number)),
        }

    def unplug(self) -> None:
        """The guest is gone: its connections are reset."""
        if self._plug is not None:
            self._plug.unplug()

    def open_connections(self) -> int:
        """How many connections the guest holds, as the network sees it."""
        return 0 if self._plug is None else self._plug.open_connections()

    def attempts(self, address: str) -> list[Attempt]:
        """The guest's connections to that host, in order; empty where no network of ours would know."""
        return [attempt for attempt in self._attempts.values() if attempt.address == address]

    # -- what the guest does -----------------------------------------------------------------------
    def _opened(self, number: int, *, listens: bool = True) -> int:
        """Count a new socket. A machine gives out odd numbers, each once and in order."""
        if number <= self._last_number or number % 2 == 0:
            raise WireError("a socket's number out of order")
        if len(self._connections) + len(self._listening) >= self._max_sockets:
            raise WireError(f"more than {self._max_sockets} sockets open at once")
        self._last_number = number
        if listens:
            self._listening[number] = None
        return number

    def _gone(self, number: int) -> int:
        self._connections.pop(number, None)
        attempt = self._attempts.get(number)
        if attempt is not None and attempt.ended_ns is None and self._plug is not None:
            attempt.ended_ns = self._plug.network.kernel.now_ns
        self._listening.pop(number, None)
        return number

    def _connect(self, plug: NetworkInterface, message: wire.Connect) -> None:
        number = self._opened(message.number, listens=False)
        self._connections[number] = _GuestConnection(message.target[0])
        if len(self._attempts) >= MAX_ATTEMPTS:
            raise OverBound(f"more than {MAX_ATTEMPTS:,} connections")
        self._attempts[number] = Attempt(message.target[0], plug.network.kernel.now_ns)
        plug.connect(number, self._own(message.source), message.target)

    def _transmit(self, plug: NetworkInterface, message: wire.Transmit) -> None:
        connection = self._connections.get(message.number)
        if connection is None or not message.data:
            return
        connection.unacknowledged += len(message.data)
        if connection.unacknowledged > WINDOW:
            raise WireError("more bytes than the other end has room for")
        self._count(connection.host, len(message.data))
        plug.transmit(message.number, message.data)

    def _consumed(self, plug: NetworkInterface, message: wire.Consumed) -> None:
        connection = self._connections.get(message.number)
        if connection is not None:
            count = max(0, min(message.count, connection.unread))
            connection.unread -= count
            plug.consumed(message.number, count)

    def _send_datagram(self, plug: NetworkInterface, message: wire.SendDatagram) -> None:
        if len(message.data) <= MAX_DATAGRAM:
            self._count(message.target[0], len(message.data))
            plug.send_datagram(self._own(message.source), message.target, message.data)

    def _count(self, host: str, size: int) -> None:
        """Raises OverBound."""
        self._sent_bytes += size
        self._sent_to[host] = self._sent_to.get(host, 0) + size
        if self._sent_to[host] > MAX_HOST_BYTES:
            raise OverBound(f"more than {MAX_HOST_BYTES:,} bytes to one host")
        if self._sent_bytes > MAX_SENT_BYTES:
            raise OverBound(f"more than {MAX_SENT_BYTES:,} bytes to its hosts")

    def _own(self, local: Address) -> Address:
        """Whatever address the guest claims to have, it is its own host."""
        assert self._plug is not None
        host, port = local
        return (host if host in ("127.0.0.1", "0.0.0.0") else self._plug.host.address, port)

    def _resolved(self, number: int, address: str | None) -> None:
        self._post(wire.Resolved(number, address))

    # -- what the network tells it -----------------------------------------------------------------
    def connected(self, number: int, local: Address, remote: Address) -> None:
        self._post(wire.Connected(number, local, remote))

    def refused(self, number: int, error: int) -> None:
        self._gone(number)
        self._post(wire.Refused(number, error))

    def arrived(self, number: int, data: bytes) -> None:
        if number in self._connections:
            self._connections[number].unread += len(data)
        self._post(wire.Arrived(number, data))

    def finished(self, number: int) -> None:
        self._post(wire.Finished(number))

    def aborted(self, number: int) -> None:
        self._gone(number)
        self._post(wire.Aborted(number))

    def acknowledged(self, number: int, count: int) -> None:
        if number in self._connections:
            self._connections[number].unacknowledged -= count
        self._post(wire.Acknowledged(number, count))

    def incoming(self, listener: int, number: int, local: Address, remote: Address) -> None:
        self._connections[number] = _GuestConnection(remote[0])
        self._post(wire.Incoming(listener, number, local, remote))

    def datagram(self, port: int, data: bytes, source: Address) -> None:
        self._post(wire.DatagramIn(port, data, source))

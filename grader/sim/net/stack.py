"""One machine's sockets: numbers for connections, the local port table, and the network's answers."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from grader.sim.kernel import Flag, Kernel
from grader.sim.net.medium import Address, Medium
from grader.sim.net.streams import Listener, Port, Stream

_WILDCARD = "0.0.0.0"
_FIRST_EPHEMERAL = 49_152
_LAST_PORT = 65_535


class _NetworkRoute:
    """A stream's way through the network."""

    def __init__(self, stack: Stack, number: int) -> None:
        self._stack = stack
        self._number = number

    def transmit(self, data: bytes) -> None:
        self._stack.medium.transmit(self._number, data)

    def finish(self) -> None:
        self._stack.medium.finish(self._number)

    def close(self) -> None:
        self._stack.forget(self._number)
        self._stack.medium.close(self._number)

    def abort(self) -> None:
        self._stack.forget(self._number)
        self._stack.medium.abort(self._number)

    def consumed(self, count: int) -> None:
        self._stack.medium.consumed(self._number, count)


class Stack:
    """The sockets of one machine, and the `NetworkEvents` of its medium."""

    def __init__(self, kernel: Kernel, medium: Medium | None = None) -> None:
        self.kernel = kernel
        self._medium = medium
        self._odd = -1
        self._streams: dict[int, Stream] = {}
        self._listeners: dict[int, Listener] = {}
        self._ports: dict[int, Port] = {}
        self._bound: dict[tuple[str, int], dict[str, None]] = {}
        """The hosts' addresses at which each port of each kind is taken."""
        self._unix: dict[str, Listener | None] = {}
        self.default_timeout: float | None = None
        """Seconds that new sockets wait: `socket.setdefaulttimeout`."""
        self._next_ephemeral = _FIRST_EPHEMERAL

    @property
    def medium(self) -> Medium:
        if self._medium is None:
            raise OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))
        return self._medium

    def plug_into(self, medium: Medium) -> None:
        self._medium = medium

    def _number(self) -> int:
        self._odd += 2
        return self._odd

    # -- local ports -------------------------------------------------------------------------------
    def claim(self, kind: str, local: Address) -> Address:
        """Take a local port, an ephemeral one for 0. Raises OSError(EADDRINUSE)."""
        host, port = local
        if port == 0:
            port = self._free_port(kind, host)
        if self._is_taken(kind, host, port):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self._bound.setdefault((kind, port), {})[host] = None
        return (host, port)

    def release(self, kind: str, local: Address) -> None:
        host, port = local
        hosts = self._bound.get((kind, port), {})
        hosts.pop(host, None)
        if not hosts:
            self._bound.pop((kind, port), None)

    def _is_taken(self, kind: str, host: str, port: int) -> bool:
        hosts = self._bound.get((kind, port))
        return hosts is not None and (host in hosts or _WILDCARD in hosts or host == _WILDCARD)

    def _free_port(self, kind: str, host: str) -> int:
        for _ in range(_LAST_PORT - _FIRST_EPHEMERAL):
            port = self._next_ephemeral
            self._next_ephemeral = port + 1 if port < _LAST_PORT else _FIRST_EPHEMERAL
            if not self._is_taken(kind, host, port):
                return port
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

    # -- what sockets ask --------------------------------------------------------------------------
    def connect(self, stream: Stream, source: Address, target: Address) -> None:
        """Begin to connect; the stream becomes writable when it is done or has failed."""
        number = self._number()
        self._streams[number] = stream
        stream.line = _NetworkRoute(self, number)
        self.medium.connect(number, source, target)

    def listen(self, listener: Listener, local: Address) -> int:
        number = self._number()
        self._listeners[number] = listener
        self.medium.listen(number, local)
        return number

    def unlisten(self, number: int) -> None:
        if self._listeners.pop(number, None) is not None:
            self.medium.unlisten(number)

    def open_port(self, port: Port, local: Address) -> int:
        number = self._number()
        self._ports[number] = port
        self.medium.open_port(number, local)
        return number

    def close_port(self, number: int) -> None:
        if self._ports.pop(number, None) is not None:
            self.medium.close_port(number)

    def forget(self, number: int) -> None:
        self._streams.pop(number, None)

    def resolve(self, name: str, answer: Callable[[str | None], None]) -> None:
        self.medium.resolve(name, answer)

    def resolve_blocking(self, name: str) -> str | None:
        """Look a name up, parking the calling thread until the answer is there."""
        done, found = Flag(self.kernel), []

        def answer(address: str | None) -> None:
            found.append(address)
            done.set()

        self.resolve(name, answer)
        self.kernel.wait(None, done, "socket.getaddrinfo")
        return found[0]

    # -- names within this machine -----------------------------------------------------------------
    def claim_unix(self, path: str) -> None:
        """Take a unix name. Raises OSError(EADDRINUSE)."""
        if path in self._unix:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self._unix[path] = None

    def listen_unix(self, path: str, listener: Listener) -> None:
        self._unix[path] = listener

    def release_unix(self, path: str) -> None:
        """Give a name up: unlike a real one it leaves no file behind."""
        self._unix.pop(path, None)

    def is_unix_claimed(self, path: str) -> bool:
        return path in self._unix

    def find_unix(self, path: str) -> Listener | None:
        return self._unix.get(path)

    # -- what the network tells --------------------------------------------------------------------
    def connected(self, number: int, local: Address, remote: Address) -> None:
        if number in self._streams:
            self._streams[number].connect_done(local, remote)
        else:
            self.medium.abort(number)

    def refused(self, number: int, error: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None:
            stream.line = None
            stream.fail(error)

    def arrived(self, number: int, data: bytes) -> None:
        if number in self._streams:
            self._streams[number].arrived(data)

    def finished(self, number: int) -> None:
        if number in self._streams:
            self._streams[number].finished()

    def aborted(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None:
            stream.line = None
            stream.fail(errno.ECONNRESET)

    def acknowledged(self, number: int, count: int) -> None:
        if number in self._streams:
            self._streams[number].acknowledged(count)

    def incoming(self, listener: int, number: int, local: Address, remote: Address) -> None:
        found = self._listeners.get(listener)
        if found is None:
            self.medium.abort(number)
            return
        stream = Stream(self.kernel, _NetworkRoute(self, number))
        stream.connect_done(local, remote)
        self._streams[number] = stream
        found.offer(stream)

    def datagram(self, port: int, data: bytes, source: Address) -> None:
        if port in self._ports:
            self._ports[port].arrived(data, source)

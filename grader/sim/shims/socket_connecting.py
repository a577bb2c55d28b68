"""How a simulated socket gets its names and its other end: bind, connect, listen."""

from __future__ import annotations

import errno
import os
from typing import Any

from grader.sim.net.streams import Listener, Port, Stream, stream_pair
from grader.sim.shims.socket_core import UNSPECIFIED, SocketCore, failure


class Connecting(SocketCore):
    """Addresses of a socket, and its way to be connected."""

    # -- addresses ---------------------------------------------------------------------------------
    def _address(self, address: Any) -> tuple[str, int]:
        """(host, port) with the host's name looked up. Raises TypeError, OverflowError, gaierror."""
        if not isinstance(address, tuple):
            raise TypeError(f"AF_INET address must be tuple, not {type(address).__name__}")
        if len(address) != 2:
            raise TypeError("AF_INET address must be a pair (host, port)")
        host, port = address
        if not isinstance(port, int):
            raise TypeError(f"'{type(port).__name__}' object cannot be interpreted as an integer")
        if not 0 <= port <= 65_535:
            raise OverflowError("port must be 0-65535.")
        return (self._machine.address_of(host), port)

    def bind(self, address: Any) -> None:
        """Take a name. Raises OSError(EADDRINUSE), and OSError(EINVAL) for a second one."""
        self._must_be_open()
        if self._claimed or (isinstance(self._holds, Stream) and self._holds.line is not None):
            raise failure(errno.EINVAL)
        stack = self._machine.stack
        if self._is_unix():
            self._local = os.fsdecode(address)
            stack.claim_unix(self._local)
        else:
            self._local = stack.claim(self._kind, self._address(address))
        self._claimed = True
        if isinstance(self._holds, Port):
            self._holds.local = self._local
            self._network_number = stack.open_port(self._holds, self._local)

    def _bind_if_unbound(self) -> None:
        if not self._claimed:
            self.bind(UNSPECIFIED)

    def getsockname(self) -> Any:
        self._must_be_open()
        if isinstance(self._holds, Stream) and self._holds.connected:
            return self._holds.local
        return self._local

    def getpeername(self) -> Any:
        """The other end's address. Raises OSError(ENOTCONN) where there is none."""
        self._must_be_open()
        remote = None if isinstance(self._holds, Listener) else self._holds.remote
        if remote is None:
            raise failure(errno.ENOTCONN)
        return remote

    # -- connecting --------------------------------------------------------------------------------
    def connect(self, address: Any) -> None:
        """Connect, waiting as the timeout says. Raises what the other end or the network answers."""
        error = self._connect(address)
        if error:
            raise failure(error)

    def connect_ex(self, address: Any) -> int:
        """As `connect`, but answers with the error's number."""
        try:
            return self._connect(address)
        except TimeoutError:
            return errno.EAGAIN

    def _connect(self, address: Any) -> int:
        self._must_be_open()
        if isinstance(self._holds, Port):
            self._bind_if_unbound()
            self._holds.remote = self._address(address)
            return 0
        if isinstance(self._holds, Listener) or self._holds.connected:
            return errno.EISCONN
        if self._is_unix():
            return self._connect_unix(os.fsdecode(address))
        stream = self._holds
        if stream.line is not None or stream.error:
            return stream.take_error() or errno.EALREADY
        target = self._address(address)
        if not self._claimed:
            self._local = self._machine.stack.claim("tcp", UNSPECIFIED)
            self._claimed = True
        deadline_ns = self._deadline_ns()
        self._machine.stack.connect(stream, self._local, target)
        if self._timeout == 0.0:
            return errno.EINPROGRESS
        self._until(lambda: stream.connected or stream.error or None, stream.writable, "connect", deadline_ns)
        return stream.take_error()

    def _connect_unix(self, path: str) -> int:
        stack = self._machine.stack
        listener = stack.find_unix(path)
        if listener is None:
            return errno.ECONNREFUSED if stack.is_unix_claimed(path) else errno.ENOENT
        mine, theirs = stream_pair(self._machine.kernel)
        mine.local, mine.remote = self._local, path
        theirs.local, theirs.remote = path, self._local
        self._adopt(mine)
        listener.offer(theirs)
        return 0

    def _adopt(self, state: Stream | Listener) -> None:
        """Replace what this socket is behind its descriptor, keeping the number and the watchers."""
        state.watchers = self._holds.watchers
        state.opened_at = self._holds.opened_at
        self._holds = state
        self._machine.descriptors.replace(self._fd, state)
        state.changed()

    def listen(self, backlog: int = 128) -> None:
        """Begin to take connections. The queue of those not yet accepted has no limit here."""
        self._must_be_open()
        if isinstance(self._holds, Listener):
            return
        if isinstance(self._holds, Port):
            raise failure(errno.EOPNOTSUPP)
        if self._holds.line is not None or (self._is_unix() and not self._claimed):
            raise failure(errno.EINVAL)
        stack, kernel = self._machine.stack, self._machine.kernel
        if self._is_unix():
            listener = Listener(kernel, self._local, backlog)
            stack.listen_unix(self._local, listener)
        else:
            self._bind_if_unbound()
            listener = Listener(kernel, self._local, backlog)
            self._network_number = stack.listen(listener, self._local)
        self._adopt(listener)

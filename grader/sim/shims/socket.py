"""A `socket.socket` look-alike on the simulated machine: stream, datagram and unix names.

Blocking calls wait in the kernel, non-blocking ones raise BlockingIOError, timeouts are virtual.
The machine has IPv4 only, as some real ones do; anything else fails by name.
"""

from __future__ import annotations

import errno
import socket as _real
import ssl
from collections.abc import Callable
from typing import Any

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.net.streams import Listener, stream_pair
from grader.sim.refusals import refusal, refusals
from grader.sim.shims import socket_names
from grader.sim.shims.socket_core import AF_UNIX, failure
from grader.sim.shims.socket_transfer import Transfer

_REAL_REPR: Callable[[Any], str] = _real.socket.__repr__


class SimSocket(Transfer):
    """See the module's header. Same arguments, results and errors as `socket.socket`."""

    def accept(self) -> tuple[SimSocket, Any]:
        """The next connection and its other end's address. Raises OSError(EINVAL) before `listen`."""
        self._must_be_open()
        listener = self._holds
        if not isinstance(listener, Listener):
            raise failure(errno.EINVAL)
        stream = self._until(listener.accept, listener.readable, "accept", self._deadline_ns())
        connection = SimSocket(self.family, self.type, self.proto, _holds=stream)
        connection._local = stream.local
        return connection, stream.remote

    def detach(self) -> int:
        raise NotSimulated("socket.socket.detach is not simulated")

    def dup(self) -> SimSocket:
        raise NotSimulated("socket.socket.dup is not simulated")

    def __repr__(self) -> str:
        return _REAL_REPR(self)


SimSocket.__name__ = SimSocket.__qualname__ = "socket"
SimSocket.__module__ = "socket"


def socketpair(
    family: int | None = None, type: int = _real.SOCK_STREAM, proto: int = 0
) -> tuple[SimSocket, SimSocket]:
    """Two connected sockets of this machine, as `socket.socketpair`."""
    if not type & _real.SOCK_STREAM:
        raise NotSimulated("socket.socketpair with SOCK_DGRAM is not simulated")
    one, two = stream_pair(world.current().kernel)
    unix = _real.AF_INET if AF_UNIX is None else AF_UNIX
    return SimSocket(unix, type, proto, _holds=one), SimSocket(unix, type, proto, _holds=two)


def setdefaulttimeout(timeout: float | None) -> None:
    """As `socket.setdefaulttimeout`, in virtual seconds, for sockets of the machine in force."""
    if timeout is not None and timeout < 0:
        raise ValueError("Timeout value out of range")
    world.current().stack.default_timeout = timeout


def getdefaulttimeout() -> float | None:
    machine = world.current_or_none()
    return None if machine is None else machine.stack.default_timeout


_REFUSED = ("fromfd", "fromshare", "send_fds", "recv_fds", "close", "dup", "sethostname")


def patches_of(module: Any) -> list[tuple[Any, str, Any]]:
    """What a simulated process replaces in `socket`, or in a module that looks like it."""
    return [
        (module, "socket", SimSocket),
        (module, "SocketType", SimSocket),
        (module, "socketpair", socketpair),
        (module, "setdefaulttimeout", setdefaulttimeout),
        (module, "getdefaulttimeout", getdefaulttimeout),
        (module, "has_ipv6", False),
        *((module, one.__name__, one) for one in socket_names.OURS),
        *refusals(module, _REFUSED),
    ]


def patches() -> list[tuple[Any, str, Any]]:
    """What of `socket` and of what needs real ones a simulated process replaces."""
    blocking_tls = refusal("ssl.SSLContext.wrap_socket (TLS on a blocking socket)")
    return [*patches_of(_real), (ssl.SSLContext, "wrap_socket", blocking_tls)]

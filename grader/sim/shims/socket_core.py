"""What every simulated socket has: its making, its timeout, its options and its end."""

from __future__ import annotations

import errno
import functools
import os
import socket as _real
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.kernel import Source
from grader.sim.net.medium import WINDOW
from grader.sim.net.streams import Listener, Port, Stream

if TYPE_CHECKING:
    from grader.sim.machine import Machine

T = TypeVar("T")
UNSPECIFIED = ("0.0.0.0", 0)
AF_UNIX = getattr(_real, "AF_UNIX", None)
_NONBLOCK = getattr(_real, "SOCK_NONBLOCK", 0)
_CLOEXEC = getattr(_real, "SOCK_CLOEXEC", 0)
_REFUSED_OPTIONS = frozenset(
    (getattr(_real, level), getattr(_real, name))
    for level, name in (
        ("SOL_SOCKET", "SO_RCVTIMEO"),
        ("SOL_SOCKET", "SO_SNDTIMEO"),
        ("SOL_SOCKET", "SO_RCVLOWAT"),
        ("SOL_SOCKET", "SO_BINDTODEVICE"),
        ("IPPROTO_IP", "IP_ADD_MEMBERSHIP"),
        ("IPPROTO_IP", "IP_DROP_MEMBERSHIP"),
    )
    if hasattr(_real, name)
)
"""Options that would change what happens, and don't here. All others are only remembered."""


@functools.cache
def _family(given: int) -> _real.AddressFamily:
    """What `socket.socket(family)` means. Raises ValueError for none that there is."""
    return _real.AddressFamily(_real.AF_INET if given == -1 else given)


@functools.cache
def _kind(given: int) -> tuple[_real.SocketKind, bool]:
    """What `socket.socket(type)` means, and whether it asks for one that never waits."""
    kind = int(_real.SOCK_STREAM if given == -1 else given)
    return _real.SocketKind(kind & ~(_NONBLOCK | _CLOEXEC)), bool(kind & _NONBLOCK)


def failure(number: int) -> OSError:
    """The exception of a failed system call, of the class that Python gives that number."""
    return OSError(number, os.strerror(number))


class SocketCore:
    """State and life of one socket; what it can do is in the classes built upon this one."""

    def __init__(
        self,
        family: int = -1,
        type: int = -1,
        proto: int = -1,
        fileno: int | None = None,
        *,
        _holds: Any = None,
    ) -> None:
        self._machine: Machine = world.current()
        self.family = _family(family)
        self.type, is_nonblocking = _kind(type)
        self.proto = 0 if proto == -1 else proto
        self._refuse_unsimulated(fileno)
        self._timeout = 0.0 if is_nonblocking else self._machine.stack.default_timeout
        self._options: dict[tuple[int, int], Any] = {}
        self._local: Any = "" if self._is_unix() else UNSPECIFIED
        self._claimed = False
        self._network_number: int | None = None
        self._linger_abort = False
        self._closed = False
        self._close_wanted = False
        self._io_refs = 0
        self._holds: Stream | Listener | Port = _holds or self._new_state()
        self._fd = self._machine.descriptors.add(self._holds)
        self._holds.opened_at = self._machine.where()

    def belongs_to_no_line(self) -> None:
        """It was opened for the library's own needs: no line of the learner's is to close it."""
        self._holds.opened_at = None

    def _new_state(self) -> Stream | Port:
        kernel = self._machine.kernel
        return Port(kernel) if self.type == _real.SOCK_DGRAM else Stream(kernel)

    def _refuse_unsimulated(self, fileno: int | None) -> None:
        if fileno is not None:
            raise NotSimulated("socket.socket(fileno=...) is not simulated")
        if self.family == _real.AF_INET6:
            raise failure(errno.EAFNOSUPPORT)
        if self.family not in (_real.AF_INET, AF_UNIX):
            raise NotSimulated(f"socket.{self.family.name} is not simulated")
        if self.type not in (_real.SOCK_STREAM, _real.SOCK_DGRAM):
            raise NotSimulated(f"socket.{self.type.name} is not simulated")
        if self._is_unix() and self.type == _real.SOCK_DGRAM:
            raise NotSimulated("socket.AF_UNIX with SOCK_DGRAM is not simulated")

    def _is_unix(self) -> bool:
        return self.family != _real.AF_INET

    # -- parts of the state ------------------------------------------------------------------------
    def _stream(self) -> Stream:
        self._must_be_open()
        if not isinstance(self._holds, Stream):
            raise failure(errno.ENOTCONN if isinstance(self._holds, Listener) else errno.EOPNOTSUPP)
        return self._holds

    def _port(self) -> Port:
        self._must_be_open()
        if not isinstance(self._holds, Port):
            raise failure(errno.EOPNOTSUPP)
        return self._holds

    def _must_be_open(self) -> None:
        if self._closed:
            raise failure(errno.EBADF)

    # -- waiting -----------------------------------------------------------------------------------
    def _deadline_ns(self) -> int | None:
        """Until when a call that begins now may wait, None for ever."""
        return None if self._timeout is None else self._machine.kernel.after(self._timeout)

    def _until(self, attempt: Callable[[], T | None], side: Source, what: str, deadline_ns: int | None) -> T:
        """Try until there is a result. Raises BlockingIOError or TimeoutError instead of waiting on."""
        kernel = self._machine.kernel
        while True:
            result = attempt()
            if result is not None:
                return result
            if self._timeout == 0.0:
                raise failure(errno.EAGAIN)
            if not kernel.wait(deadline_ns, side, f"socket.{what}"):
                raise TimeoutError("timed out")
            self._must_be_open()

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def getblocking(self) -> bool:
        return self._timeout != 0.0

    def settimeout(self, value: float | None) -> None:
        """Virtual seconds that a call may wait, None for ever. Raises ValueError for a negative one."""
        if value is not None and value < 0:
            raise ValueError("Timeout value out of range")
        self._timeout = None if value is None else float(value)

    def gettimeout(self) -> float | None:
        return self._timeout

    @property
    def timeout(self) -> float | None:
        return self._timeout

    # -- options -----------------------------------------------------------------------------------
    def setsockopt(self, level: int, option: int, value: Any = None, length: int = 0) -> None:
        """Remember an option. Raises NotSimulated for those that could not be kept silently."""
        self._must_be_open()
        if (level, option) in _REFUSED_OPTIONS:
            raise NotSimulated(f"socket.setsockopt({level}, {option}) is not simulated")
        if (level, option) == (_real.SOL_SOCKET, _real.SO_LINGER) and value is not None:
            on, seconds = struct.unpack("ii", value[:8])
            self._linger_abort = bool(on) and seconds == 0
        self._options[(level, option)] = value

    def getsockopt(self, level: int, option: int, buflen: int = 0) -> Any:
        """An option as it was set, or what the machine has of it."""
        self._must_be_open()
        if level == _real.SOL_SOCKET:
            if option == _real.SO_ERROR:
                return 0 if isinstance(self._holds, Listener) else self._holds.take_error()
            if option == _real.SO_TYPE:
                return int(self.type)
            if option == getattr(_real, "SO_ACCEPTCONN", None):
                return int(isinstance(self._holds, Listener))
            if option in (_real.SO_SNDBUF, _real.SO_RCVBUF):
                return self._options.get((level, option), WINDOW)
        return self._options.get((level, option), bytes(buflen) if buflen else 0)

    def get_inheritable(self) -> bool:
        return False

    def set_inheritable(self, inheritable: bool) -> None:
        """Accepted and forgotten: no child of this machine inherits a socket."""

    # -- ending ------------------------------------------------------------------------------------
    def close(self) -> None:
        """Close; a file that `makefile` made keeps the connection open until it is closed too."""
        self._close_wanted = True
        if self._io_refs <= 0:
            self._real_close()

    def _decref_socketios(self) -> None:
        self._io_refs -= 1
        if self._io_refs <= 0 and self._close_wanted:
            self._real_close()

    def _real_close(self) -> None:
        if self._closed or self._machine.kernel.ended:
            return
        self._closed = True
        holds = self._holds
        self._machine.descriptors.remove(self._fd)
        if isinstance(holds, Stream):
            holds.close(abort=self._linger_abort)
        else:
            holds.close()
            self._leave_network(holds)
        if self._claimed:
            self._release_name()
        holds.changed()

    def _leave_network(self, holds: Listener | Port) -> None:
        stack = self._machine.stack
        if self._network_number is not None:
            leave = stack.unlisten if isinstance(holds, Listener) else stack.close_port
            leave(self._network_number)

    def _release_name(self) -> None:
        stack = self._machine.stack
        if self._is_unix():
            stack.release_unix(self._local)
        else:
            stack.release(self._kind, self._local)

    @property
    def _kind(self) -> str:
        return "udp" if self.type == _real.SOCK_DGRAM else "tcp"

    def fileno(self) -> int:
        return -1 if self._closed else self._fd

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_holds", None) is not None:
            self._real_close()

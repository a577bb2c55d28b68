"""`socket` on the simulated machine: `socket.socket`, pairs, and the default timeout.

Rules
-----
1. A socket is a name for what is behind its descriptor: a `Stream`, a `Port` (datagrams) or, after
   `listen`, a `Listener`. `connect` on a unix name and `listen` put another thing behind the same
   number; whoever watches that number goes on watching.
2. One way to wait: `_until` tries, waits in the kernel until that side of the descriptor changes,
   and tries again. A deadline is fixed when the call begins, so a timeout is for the whole call.
3. Timeouts are virtual. A socket with the timeout 0 never waits; its `connect` says EINPROGRESS.
4. A socket of a world that has ended is inert: closing it does nothing.
5. IPv4, unix names, streams and datagrams. Anything else fails by name, never silently.

Theory
------
Nothing here moves bytes. The state machine of a connection is in `grader.sim.net.streams`, the way to
the other end in `grader.sim.net.stack`; this class translates what CPython's `socket.socket` takes,
returns and raises. Names are looked up in `socket_names`.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import socket as _real
import ssl
import struct
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.kernel import Source
from grader.sim.machine import Machine
from grader.sim.net.medium import WINDOW
from grader.sim.net.streams import Listener, Port, Stream, stream_pair
from grader.sim.refusals import refusal, refusals
from grader.sim.shims import socket_names
from grader.sim.shims.io_buffers import buffered_on

_REAL_REPR: Callable[[Any], str] = _real.socket.__repr__
T = TypeVar("T")
UNSPECIFIED = ("0.0.0.0", 0)
AF_UNIX = getattr(_real, "AF_UNIX", None)
MAX_DATAGRAM = 65_507
# As plain numbers: combining members of an enum costs more than a whole `recv` here.
_DONTWAIT, _OOB, _PEEK, _WAITALL = (
    int(getattr(_real, f"MSG_{name}", 0)) for name in ("DONTWAIT", "OOB", "PEEK", "WAITALL")
)
_CHUNK = 8192
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


def _part(data: Any, start: int) -> bytes:
    """A copy of as much of a buffer as a stream can take at once: nothing holds on to the buffer."""
    with memoryview(data) as whole, whole.cast("B") as view:
        return bytes(view[start : start + WINDOW])


class SimSocket:
    """See the module's header. Same arguments, results and errors as `socket.socket`."""

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
            self._local = stack.claim(self._protocol, self._address(address))
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

    # -- accepting ---------------------------------------------------------------------------------
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

    # -- receiving ---------------------------------------------------------------------------------
    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Up to `bufsize` bytes, b"" at the end. Raises ConnectionResetError after a reset."""
        if bufsize < 0:
            raise ValueError("negative buffersize in recv")
        if isinstance(self._holds, Port):
            return self._receive_datagram(bufsize, flags, "recv")[0]
        self._flags(flags)
        stream, peek = self._stream(), bool(flags & _PEEK)
        if not (stream.connected or stream.error or stream.at_end):
            raise failure(errno.ENOTCONN)
        if not bufsize:
            return b""
        if flags & _DONTWAIT:
            return self._at_once(stream.read(bufsize, peek=peek))
        deadline_ns = self._deadline_ns()
        data = self._until(lambda: stream.read(bufsize, peek=peek), stream.readable, "recv", deadline_ns)
        while flags & _WAITALL and not peek and 0 < len(data) < bufsize:
            room = bufsize - len(data)
            more = self._until(lambda room=room: stream.read(room), stream.readable, "recv", deadline_ns)  # type: ignore[misc]  # the default argument only fixes the loop's value
            if not more:
                break
            data += more
        return data

    def _at_once(self, result: T | None) -> T:
        if result is None:
            raise failure(errno.EAGAIN)
        return result

    def _receive_datagram(self, bufsize: int, flags: int, what: str) -> tuple[bytes, Any]:
        self._flags(flags)
        port, peek = self._port(), bool(flags & _PEEK)
        self._bind_if_unbound()
        if flags & _DONTWAIT:
            data, source = self._at_once(port.read(peek=peek))
        else:
            deadline_ns = self._deadline_ns()
            data, source = self._until(lambda: port.read(peek=peek), port.readable, what, deadline_ns)
        return data[:bufsize], source

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, Any]:
        """The next datagram, cut to `bufsize`, and its sender; of a stream as `recv`, with None."""
        if isinstance(self._holds, Port):
            return self._receive_datagram(bufsize, flags, "recvfrom")
        return self.recv(bufsize, flags), None

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        return self.recvfrom_into(buffer, nbytes, flags)[0]

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
        """As `recvfrom`, into a writable buffer. Raises ValueError where `nbytes` does not fit."""
        view = memoryview(buffer).cast("B")
        if nbytes < 0:
            raise ValueError("negative buffersize in recv_into")
        if nbytes > len(view):
            raise ValueError("buffer too small for requested bytes")
        data, source = self.recvfrom(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data), source

    def recvmsg(self, bufsize: int, ancbufsize: int = 0, flags: int = 0) -> tuple[bytes, list[Any], int, Any]:
        """As `recvfrom`; there is never any ancillary data."""
        data, source = self.recvfrom(bufsize, flags)
        return data, [], 0, source

    def recvmsg_into(
        self, buffers: Iterable[Any], ancbufsize: int = 0, flags: int = 0
    ) -> tuple[int, list[Any], int, Any]:
        views = [memoryview(buffer).cast("B") for buffer in buffers]
        data, source = self.recvfrom(sum(len(view) for view in views), flags)
        rest = data
        for view in views:
            part, rest = rest[: len(view)], rest[len(view) :]
            view[: len(part)] = part
        return len(data), [], 0, source

    # -- sending -----------------------------------------------------------------------------------
    def send(self, data: Any, flags: int = 0) -> int:
        """Send what there is room for; how many bytes that was."""
        self._flags(flags)
        if isinstance(self._holds, Port):
            if self._holds.remote is None:
                raise failure(errno.EDESTADDRREQ)
            return self._send_datagram(data, self._holds.remote)
        part = _part(data, 0)
        stream = self._sendable()
        if flags & _DONTWAIT:
            return self._at_once(stream.write(part))
        return self._until(lambda: stream.write(part), stream.writable, "send", self._deadline_ns())

    def _sendable(self) -> Stream:
        self._must_be_open()
        if isinstance(self._holds, Listener) or not (self._stream().connected or self._stream().line):
            raise failure(errno.EPIPE)
        return self._stream()

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send everything; the timeout is for the whole."""
        self._flags(flags)
        if isinstance(self._holds, Port):
            self.send(data, flags)
            return
        stream, deadline_ns, sent = self._sendable(), self._deadline_ns(), 0
        while part := _part(data, sent):
            sent += self._until(lambda part=part: stream.write(part), stream.writable, "sendall", deadline_ns)  # type: ignore[misc]  # the default argument only fixes the loop's value

    def sendto(self, data: Any, *flags_and_address: Any) -> int:
        """Send one datagram. Raises OSError(EMSGSIZE) for one that is too long."""
        if not 1 <= len(flags_and_address) <= 2:
            raise TypeError(f"sendto() takes 2 or 3 arguments ({1 + len(flags_and_address)} given)")
        if isinstance(self._holds, Port):
            return self._send_datagram(data, self._address(flags_and_address[-1]))
        return self.send(data)

    def _send_datagram(self, data: Any, target: tuple[str, int]) -> int:
        self._must_be_open()
        payload = bytes(data)
        if len(payload) > MAX_DATAGRAM:
            raise failure(errno.EMSGSIZE)
        self._bind_if_unbound()
        self._machine.stack.medium.send_datagram(self._local, target, payload)
        return len(payload)

    def sendmsg(self, buffers: Iterable[Any], ancdata: Any = (), flags: int = 0, address: Any = None) -> int:
        """As `send` of the buffers joined. Raises NotSimulated for ancillary data."""
        if tuple(ancdata):
            raise NotSimulated("socket.sendmsg with ancillary data is not simulated")
        data = b"".join(bytes(memoryview(part)) for part in buffers)
        return self.send(data, flags) if address is None else self.sendto(data, flags, address)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a file's rest, or `count` bytes of it, from `offset`; how many bytes that was."""
        if self.type != _real.SOCK_STREAM:
            raise ValueError("only SOCK_STREAM type sockets are supported")
        if self._timeout == 0:
            raise ValueError("non-blocking sockets are not supported")
        if count is not None and count <= 0:
            raise ValueError(f"count must be a positive integer (got {count!r})")
        if offset:
            file.seek(offset)
        sent = 0
        while count is None or sent < count:
            data = file.read(_CHUNK if count is None else min(_CHUNK, count - sent))
            if not data:
                break
            self.sendall(data)
            sent += len(data)
        return sent

    def _flags(self, flags: int) -> None:
        if flags & _OOB:
            raise NotSimulated("socket.MSG_OOB is not simulated")

    # -- files -------------------------------------------------------------------------------------
    def makefile(
        self,
        mode: str = "r",
        buffering: int | None = None,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Any:
        """A file over this socket, as `socket.makefile` makes one."""
        if not set(mode) <= {"r", "w", "b"}:
            raise ValueError(f"invalid mode {mode!r} (only r, w, b allowed)")
        writing = "w" in mode
        reading = "r" in mode or not writing
        raw = _real.SocketIO(self, ("r" if reading else "") + ("w" if writing else ""))  # type: ignore[arg-type]  # it asks only for recv_into and send
        self._io_refs += 1
        if buffering is None or buffering < 0:
            buffering = io.DEFAULT_BUFFER_SIZE
        if buffering == 0:
            if "b" not in mode:
                raise ValueError("unbuffered streams must be binary")
            return raw
        buffered = buffered_on(raw, buffering)
        if "b" in mode:
            return buffered
        text = io.TextIOWrapper(buffered, io.text_encoding(encoding), errors, newline)
        text.mode = mode  # type: ignore[misc]  # as the real `makefile` does
        return text

    # -- ending ------------------------------------------------------------------------------------
    def shutdown(self, how: int) -> None:
        """Shut one direction or both. Raises OSError(ENOTCONN) on what is not connected."""
        if how not in (_real.SHUT_RD, _real.SHUT_WR, _real.SHUT_RDWR):
            raise failure(errno.EINVAL)
        self._must_be_open()
        if not isinstance(self._holds, Stream) or not self._holds.connected:
            raise failure(errno.ENOTCONN)
        if how in (_real.SHUT_WR, _real.SHUT_RDWR):
            self._holds.finish()
        if how in (_real.SHUT_RD, _real.SHUT_RDWR):
            self._holds.finished()

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
            stack.release(self._protocol, self._local)

    @property
    def _protocol(self) -> str:
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

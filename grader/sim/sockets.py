"""A `socket.socket` look-alike on the simulated machine: stream, datagram and unix names.

Blocking calls wait in the kernel, non-blocking ones raise BlockingIOError, timeouts are virtual.
The machine has IPv4 only, as some real ones do; anything else fails by name.
"""

from __future__ import annotations

import errno
import io
import os
import socket as _real
import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.kernel import Source, to_ns
from grader.sim.streams import Listener, Port, Stream, stream_pair

if TYPE_CHECKING:
    from grader.sim.machine import Machine

T = TypeVar("T")
_REAL_SOCKET = _real.socket
_UNSPECIFIED = ("0.0.0.0", 0)
_default_timeout: float | None = None


def _failure(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class SimSocket:
    """See the module's header. Same arguments, results and errors as `socket.socket`."""

    def __init__(
        self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None, *, _holds: Any = None
    ) -> None:
        self._machine: Machine = world.current()
        self.family = _real.AddressFamily(_real.AF_INET if family == -1 else family)
        kind = _real.SOCK_STREAM if type == -1 else type
        blocking = not kind & getattr(_real, "SOCK_NONBLOCK", 0)
        kind &= ~(getattr(_real, "SOCK_NONBLOCK", 0) | getattr(_real, "SOCK_CLOEXEC", 0))
        self.type = _real.SocketKind(kind)
        self.proto = 0 if proto == -1 else proto
        self._refuse_unsimulated(fileno)
        self._timeout: float | None = _default_timeout if blocking else 0.0
        self._options: dict[tuple[int, int], Any] = {}
        self._local: Any = _UNSPECIFIED if self.family == _real.AF_INET else ""
        self._claimed = False
        self._network_number: int | None = None
        self._linger_abort = False
        self._closed = False
        self._io_refs = 0
        self._holds: Stream | Listener | Port = _holds or self._new_state()
        self._fd = self._machine.descriptors.add(self._holds)
        self._holds.opened_at = self._machine.where()

    def _new_state(self) -> Stream | Port:
        kernel = self._machine.kernel
        return Port(kernel) if self.type == _real.SOCK_DGRAM else Stream(kernel)

    def _refuse_unsimulated(self, fileno: int | None) -> None:
        if fileno is not None:
            raise NotSimulated("socket.socket(fileno=...): a descriptor of another process")
        if self.family == _real.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
        unix = getattr(_real, "AF_UNIX", None)
        if self.family not in (_real.AF_INET, unix):
            raise NotSimulated(f"socket.{self.family.name}")
        if self.type not in (_real.SOCK_STREAM, _real.SOCK_DGRAM):
            raise NotSimulated(f"socket.{self.type.name}")
        if self.family == unix and self.type == _real.SOCK_DGRAM:
            raise NotSimulated("socket.AF_UNIX with SOCK_DGRAM")

    # -- parts of the state ------------------------------------------------------------------------
    @property
    def _stream(self) -> Stream:
        self._must_be_open()
        if not isinstance(self._holds, Stream):
            raise _failure(errno.ENOTCONN if isinstance(self._holds, Listener) else errno.EOPNOTSUPP)
        return self._holds

    @property
    def _port(self) -> Port:
        self._must_be_open()
        if not isinstance(self._holds, Port):
            raise _failure(errno.EOPNOTSUPP)
        return self._holds

    def _must_be_open(self) -> None:
        if self._closed:
            raise _failure(errno.EBADF)

    # -- waiting -----------------------------------------------------------------------------------
    def _until(self, attempt: Callable[[], T | None], side: Source, what: str) -> T:
        kernel = self._machine.kernel
        deadline_ns = None if self._timeout is None else kernel.now_ns + to_ns(self._timeout)
        while True:
            result = attempt()
            if result is not None:
                return result
            if self._timeout == 0.0:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            if not kernel.wait(deadline_ns, side, f"socket.{what}"):
                raise TimeoutError("timed out")
            self._must_be_open()

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def getblocking(self) -> bool:
        return self._timeout != 0.0

    def settimeout(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise ValueError("Timeout value out of range")
        self._timeout = None if value is None else float(value)

    def gettimeout(self) -> float | None:
        return self._timeout

    @property
    def timeout(self) -> float | None:
        return self._timeout

    # -- addresses ---------------------------------------------------------------------------------
    def _is_unix(self) -> bool:
        return self.family != _real.AF_INET

    def _address(self, address: Any) -> tuple[str, int]:
        """(host, port) with the host's name looked up. Raises TypeError, OverflowError, gaierror."""
        if not isinstance(address, tuple):
            raise TypeError(f"AF_INET address must be tuple, not {type(address).__name__}")
        host, port = address[:2]
        if not isinstance(port, int):
            raise TypeError(f"'{type(port).__name__}' object cannot be interpreted as an integer")
        if not 0 <= port <= 65_535:
            raise OverflowError("port must be 0-65535.")
        return (self._machine.address_of(host), port)

    def bind(self, address: Any) -> None:
        self._must_be_open()
        if self._claimed:
            raise _failure(errno.EINVAL)
        if self._is_unix():
            self._local = os.fsdecode(address)
            self._claimed = True
            return
        self._local = self._machine.stack.claim(self._kind, self._address(address))
        self._claimed = True
        if isinstance(self._holds, Port):
            self._open_port()

    @property
    def _kind(self) -> str:
        return "udp" if self.type == _real.SOCK_DGRAM else "tcp"

    def _open_port(self) -> None:
        self._port.local = self._local
        self._network_number = self._machine.stack.open_port(self._port, self._local)

    def _bind_if_unbound(self) -> None:
        if not self._claimed:
            self.bind(_UNSPECIFIED)

    def getsockname(self) -> Any:
        self._must_be_open()
        if isinstance(self._holds, Stream) and self._holds.connected:
            return self._holds.local
        return self._local

    def getpeername(self) -> Any:
        self._must_be_open()
        remote = None if isinstance(self._holds, Listener) else self._holds.remote
        if remote is None:
            raise _failure(errno.ENOTCONN)
        return remote

    # -- connecting --------------------------------------------------------------------------------
    def connect(self, address: Any) -> None:
        error = self._connect(address)
        if error:
            raise _failure(error)

    def connect_ex(self, address: Any) -> int:
        try:
            return self._connect(address)
        except TimeoutError:
            return errno.EAGAIN

    def _connect(self, address: Any) -> int:
        if isinstance(self._holds, Port):
            self._bind_if_unbound()
            self._holds.remote = self._address(address)
            return 0
        stream = self._stream
        if stream.connected:
            return errno.EISCONN
        if self._is_unix():
            return self._connect_unix(os.fsdecode(address))
        if stream.line is not None:
            return stream.take_error() or errno.EALREADY
        target = self._address(address)
        if not self._claimed:
            self._local = self._machine.stack.claim("tcp", _UNSPECIFIED)
            self._claimed = True
        self._machine.stack.connect(stream, self._local, target)
        if self._timeout == 0.0:
            return errno.EINPROGRESS
        self._until(lambda: stream.connected or stream.error or None, stream.writable, "connect")
        return stream.take_error()

    def _connect_unix(self, path: str) -> int:
        listener = self._machine.stack.find_unix(path)
        if listener is None:
            return errno.ENOENT
        mine, theirs = stream_pair(self._machine.kernel)
        theirs.local = path
        mine.remote = path
        self._adopt(mine)
        listener.offer(theirs)
        return 0

    def _adopt(self, state: Stream | Listener) -> None:
        """Replace what this socket is behind its descriptor, keeping the number and the watchers."""
        state.watchers = self._holds.watchers
        self._holds = state
        self._machine.descriptors.replace(self._fd, state)
        state.changed()

    def listen(self, backlog: int = 128) -> None:
        self._must_be_open()
        if isinstance(self._holds, Listener):
            return
        if self._is_unix():
            listener = Listener(self._machine.kernel, self._local, backlog)
            self._machine.stack.listen_unix(self._local, listener)
        else:
            self._bind_if_unbound()
            listener = Listener(self._machine.kernel, self._local, backlog)
            self._network_number = self._machine.stack.listen(listener, self._local)
        self._adopt(listener)

    def accept(self) -> tuple[SimSocket, Any]:
        self._must_be_open()
        listener = self._holds
        if not isinstance(listener, Listener):
            raise _failure(errno.EINVAL)
        stream = self._until(listener.accept, listener.readable, "accept")
        # The class is named through the module, so that a patched `socket.socket` is what comes out.
        connection = SimSocket(self.family, self.type, self.proto, _holds=stream)
        connection._local = stream.local
        return connection, stream.remote

    # -- receiving ---------------------------------------------------------------------------------
    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        if isinstance(self._holds, Port):
            return self.recvfrom(bufsize, flags)[0]
        if bufsize < 0:
            raise ValueError("negative buffersize in recv")
        stream, peek = self._stream, bool(flags & _real.MSG_PEEK)
        if not stream.connected and not stream.error and not stream.at_end:
            raise _failure(errno.ENOTCONN)
        return self._until(lambda: stream.read(bufsize, peek=peek), stream.readable, "recv")

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        view = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, Any]:
        if isinstance(self._holds, Stream):
            return self.recv(bufsize, flags), None
        port = self._port
        self._bind_if_unbound()
        data, source = self._until(port.read, port.readable, "recvfrom")
        return data[:bufsize], source

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
        view = memoryview(buffer).cast("B")
        data, source = self.recvfrom(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data), source

    # -- sending -----------------------------------------------------------------------------------
    def send(self, data: Any, flags: int = 0) -> int:
        if isinstance(self._holds, Port):
            if self._holds.remote is None:
                raise _failure(errno.EDESTADDRREQ)
            return self.sendto(data, self._holds.remote)
        stream, payload = self._stream, bytes(data)
        return self._until(lambda: stream.write(payload), stream.writable, "send")

    def sendall(self, data: Any, flags: int = 0) -> None:
        view = memoryview(data).cast("B")
        while view:
            view = view[self.send(view) :]

    def sendto(self, data: Any, *rest: Any) -> int:
        if isinstance(self._holds, Stream):
            return self.send(data)
        payload = bytes(data)
        if len(payload) > 65_507:
            raise _failure(errno.EMSGSIZE)
        self._bind_if_unbound()
        self._machine.stack.medium.send_datagram(self._local, self._address(rest[-1]), payload)
        return len(payload)

    def sendmsg(self, buffers: Iterable[Any], ancdata: Any = (), flags: int = 0, address: Any = None) -> int:
        if tuple(ancdata):
            raise NotSimulated("socket.sendmsg with ancillary data")
        data = b"".join(bytes(part) for part in buffers)
        return self.send(data) if address is None else self.sendto(data, address)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        if offset:
            file.seek(offset)
        data = file.read(-1 if count is None else count)
        self.sendall(data)
        return len(data)

    # -- options -----------------------------------------------------------------------------------
    def setsockopt(self, level: int, option: int, value: Any = None, length: int = 0) -> None:
        self._must_be_open()
        if (level, option) == (_real.SOL_SOCKET, _real.SO_LINGER) and value is not None:
            on, seconds = struct.unpack("ii", value[:8])
            self._linger_abort = bool(on) and seconds == 0
        self._options[(level, option)] = value

    def getsockopt(self, level: int, option: int, buflen: int = 0) -> Any:
        self._must_be_open()
        if level == _real.SOL_SOCKET and option == _real.SO_ERROR:
            return self._holds.take_error() if isinstance(self._holds, Stream) else 0
        if level == _real.SOL_SOCKET and option == _real.SO_TYPE:
            return int(self.type)
        if level == _real.SOL_SOCKET and option == getattr(_real, "SO_ACCEPTCONN", None):
            return int(isinstance(self._holds, Listener))
        return self._options.get((level, option), bytes(buflen) if buflen else 0)

    # -- ending ------------------------------------------------------------------------------------
    def shutdown(self, how: int) -> None:
        stream = self._stream
        if not stream.connected:
            raise _failure(errno.ENOTCONN)
        if how in (_real.SHUT_WR, _real.SHUT_RDWR):
            stream.finish()
        if how in (_real.SHUT_RD, _real.SHUT_RDWR):
            stream.finished()

    def close(self) -> None:
        # A file made by makefile() keeps the connection open until it is closed too.
        self._close_wanted = True
        if self._io_refs <= 0:
            self._real_close()

    def _decref_socketios(self) -> None:
        self._io_refs -= 1
        if self._io_refs <= 0 and getattr(self, "_close_wanted", False):
            self._real_close()

    def _real_close(self) -> None:
        if self._closed or self._machine.kernel.ended:
            return
        self._closed = True
        holds, stack = self._holds, self._machine.stack
        self._machine.descriptors.remove(self._fd)
        if isinstance(holds, Stream):
            holds.close(abort=self._linger_abort)
        else:
            holds.close()
            self._leave_network(holds)
        if self._claimed and not self._is_unix():
            stack.release(self._kind, self._local)
        holds.changed()

    def _leave_network(self, holds: Listener | Port) -> None:
        stack = self._machine.stack
        if isinstance(holds, Listener) and self._is_unix():
            stack.unlisten_unix(self._local)
        elif self._network_number is not None:
            leave = stack.unlisten if isinstance(holds, Listener) else stack.close_port
            leave(self._network_number)

    def detach(self) -> int:
        raise NotSimulated("socket.detach")

    def dup(self) -> SimSocket:
        raise NotSimulated("socket.dup")

    def fileno(self) -> int:
        return -1 if self._closed else self._fd

    def __enter__(self) -> SimSocket:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_holds", None) is not None:
            self._real_close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"fd={self._fd}, laddr={self.getsockname()!r}"
        return f"<socket.socket [{state}] family={int(self.family)} type={int(self.type)}>"

    def get_inheritable(self) -> bool:
        return False

    def set_inheritable(self, inheritable: bool) -> None:
        pass

    def makefile(self, mode: str = "r", buffering: int | None = None, **text: Any) -> io.IOBase:
        return _REAL_SOCKET.makefile(self, mode, buffering, **text)  # type: ignore[call-overload, no-any-return]  # the real method is pure Python and asks only for recv_into and send


def socketpair(family: int | None = None, type: int = _real.SOCK_STREAM, proto: int = 0) -> tuple[SimSocket, SimSocket]:
    """Two connected sockets of this machine, as `socket.socketpair`."""
    kind = type & 0xF
    if kind != _real.SOCK_STREAM:
        raise NotSimulated("socket.socketpair with SOCK_DGRAM")
    one, two = stream_pair(world.current().kernel)
    unix = getattr(_real, "AF_UNIX", _real.AF_INET)
    return SimSocket(unix, type, proto, _holds=one), SimSocket(unix, type, proto, _holds=two)


def setdefaulttimeout(timeout: float | None) -> None:
    """As `socket.setdefaulttimeout`, in virtual seconds."""
    global _default_timeout
    _default_timeout = timeout


def getdefaulttimeout() -> float | None:
    return _default_timeout

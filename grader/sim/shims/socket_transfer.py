"""How bytes and datagrams go through a simulated socket, and how its directions are shut."""

from __future__ import annotations

import errno
import io
import socket as _real
from collections.abc import Iterable
from typing import Any

from grader.errors import NotSimulated
from grader.sim.net.medium import WINDOW
from grader.sim.net.streams import Listener, Port, Stream
from grader.sim.shims.buffers import buffered_on
from grader.sim.shims.socket_connecting import Connecting
from grader.sim.shims.socket_core import T, failure

MAX_DATAGRAM = 65_507
# As plain numbers: combining members of an enum costs more than a whole `recv` here.
_DONTWAIT, _OOB, _PEEK, _WAITALL = (
    int(getattr(_real, f"MSG_{name}", 0)) for name in ("DONTWAIT", "OOB", "PEEK", "WAITALL")
)
_CHUNK = 8192


def _part(data: Any, start: int) -> bytes:
    """A copy of as much of a buffer as a stream can take at once: nothing holds on to the buffer."""
    with memoryview(data) as whole, whole.cast("B") as view:
        return bytes(view[start : start + WINDOW])


class Transfer(Connecting):
    """Receiving and sending."""

    def _flags(self, flags: int) -> None:
        if flags & _OOB:
            raise NotSimulated("socket.MSG_OOB is not simulated")

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

"""Servers that answer lines with lines (`Net.serve_lines`), on the simulated network itself.

A class asks a hundred such questions with every submission, so here no socket, stream or task is
between: the server is an `NetworkEvents` of its own, is told what arrives, and sends what it answers.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from grader.sim.net.host import Host
from grader.sim.net.medium import WINDOW, Address
from grader.sim.net.network import Network
from grader.testing import seconds

Answer = Callable[[str], str | bytes | Awaitable[str | bytes]]
_LISTENER = 1


@dataclass(frozen=True)
class Service:
    """What a host is asked, and how it answers."""

    answer: Answer
    takes_s: float
    keep_open: bool
    """Answer further lines of a connection too, instead of closing it."""
    begin: Callable[[str], Callable[[], None]]
    """Note that a line has come in; what it returns, that it has been answered."""


def text_of(line: bytes) -> str:
    """A line as the answering function gets it."""
    return line.decode("utf-8", "replace").rstrip("\r\n")


def bytes_of(answer: str | bytes) -> bytes:
    """An answer as it is sent: text as a line, bytes as they are."""
    return answer if isinstance(answer, bytes) else answer.encode() + b"\n"


class LineServer:
    """A host that answers lines at one port."""

    def __init__(self, network: Network, host: Host, port: int, service: Service) -> None:
        """Raises OSError (EADDRINUSE) where something listens already."""
        place = (host.address, port)
        if network.find_listener(place) is not None:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.kernel = network.kernel
        self.plug = network.plug_in(host, self)
        self._service = service
        self._open: dict[int, _LineConnection] = {}
        self.plug.listen(_LISTENER, place)

    def close(self) -> None:
        """Take no more connections; those that are open go on."""
        self.plug.unlisten(_LISTENER)

    def hang_up(self, number: int) -> None:
        """Close a connection."""
        if self._open.pop(number, None) is not None:
            self.plug.close(number)

    # -- what the network tells --------------------------------------------------------------------
    def incoming(self, listener: int, number: int, local: Address, remote: Address) -> None:
        self._open[number] = _LineConnection(self, number, self._service)

    def arrived(self, number: int, data: bytes) -> None:
        if number in self._open:
            self._open[number].arrived(data)

    def finished(self, number: int) -> None:
        if number in self._open:
            self._open[number].finished()

    def aborted(self, number: int) -> None:
        self._open.pop(number, None)

    def acknowledged(self, number: int, count: int) -> None:
        if number in self._open:
            self._open[number].acknowledged(count)

    # It connects to nobody and has no datagrams.
    def connected(self, number: int, local: Address, remote: Address) -> None: ...

    def refused(self, number: int, error: int) -> None: ...

    def datagram(self, port: int, data: bytes, source: Address) -> None: ...


class _LineConnection:
    """One connection: its lines are answered one after another, as the window allows."""

    def __init__(self, server: LineServer, number: int, service: Service) -> None:
        self._server, self._number, self._service = server, number, service
        self._received = bytearray()
        self._looked_through = 0
        """How much of it is known to have no newline."""
        self._unread = 0
        self._unsent = b""
        self._window = WINDOW
        self._at_end = self._is_busy = self._is_over = False

    # -- what comes --------------------------------------------------------------------------------
    def arrived(self, data: bytes) -> None:
        self._received += data
        self._unread += len(data)
        if self._unread >= WINDOW // 4:  # as sockets do
            self._server.plug.consumed(self._number, self._unread)
            self._unread = 0
        self._go_on()

    def finished(self) -> None:
        """The other end will send no more; an answer may still be on its way to it."""
        self._at_end = True
        self._go_on()

    def _go_on(self) -> None:
        if self._is_busy or self._is_over:
            return
        end = self._received.find(b"\n", self._looked_through)
        if end < 0 and self._at_end:
            end = len(self._received) - 1
        self._looked_through = 0 if end >= 0 else len(self._received)
        if end >= 0:
            line = bytes(self._received[: end + 1])
            del self._received[: end + 1]
            self._is_busy = True
            text, kernel = text_of(line), self._server.kernel
            due_ns = kernel.now_ns + seconds(self._service.takes_s)
            kernel.call_at(due_ns, self._look_up, text, self._service.begin(text))
        elif self._at_end:
            self._close()

    # -- what goes ---------------------------------------------------------------------------------
    def _look_up(self, line: str, end: Callable[[], None]) -> None:
        try:
            answer = self._service.answer(line)
        except Exception as error:
            self._fail(error, end)
            return
        if isinstance(answer, (str, bytes)):
            self._reply(answer, end)
        else:
            asyncio.ensure_future(answer).add_done_callback(lambda found: self._looked_up(found, end))

    def _looked_up(self, found: asyncio.Future[str | bytes], end: Callable[[], None]) -> None:
        if found.cancelled():  # the check is over
            end()
        elif (error := found.exception()) is not None:
            self._fail(error, end)
        else:
            self._reply(found.result(), end)

    def _reply(self, answer: str | bytes, end: Callable[[], None]) -> None:
        self._unsent += bytes_of(answer)
        self._flush()
        end()
        self._is_busy = False
        if self._service.keep_open:
            self._go_on()
        else:
            self._close()

    def _fail(self, error: BaseException, end: Callable[[], None]) -> None:
        """A suite that cannot answer hangs up, and says why as asyncio's servers do."""
        end()
        self._close()
        told = {"message": "A host of the suite could not answer", "exception": error}
        asyncio.get_running_loop().call_exception_handler(told)

    def _close(self) -> None:
        self._is_over = True
        self._flush()

    def acknowledged(self, count: int) -> None:
        self._window += count
        self._flush()

    def _flush(self) -> None:
        part, self._unsent = self._unsent[: self._window], self._unsent[self._window :]
        if part:
            self._window -= len(part)
            self._server.plug.transmit(self._number, part)
        if self._is_over and not self._unsent:
            self._server.hang_up(self._number)

"""The `net` fixture: hosts on the judge's side of the simulated network, and what they saw.

    net.host("oslo", latency_s=0.05)
    await net.serve("oslo", 7000, handler)          # an asyncio.start_server handler
    await net.serve_lines("oslo", 7000, answer, takes_s=1.0)

What a handler does inside `with net.request("oslo"):` is one exchange: the evidence of overlap.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from grader.judge.guest import Guest
from grader.judge.world import World
from grader.records import Exchange
from grader.sim.host import Host
from grader.testing import seconds

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answer = Callable[[str], str | bytes | Awaitable[str | bytes]]


class _Lines(asyncio.Protocol):
    """One connection of `Net.serve_lines`, without the streams of asyncio: a class makes very many."""

    def __init__(self, service: _LineService) -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._at_end = self._is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = self._service.open[self] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        del self._service.open[self]

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._go_on()

    def eof_received(self) -> bool:
        self._at_end = True
        self._go_on()
        return True  # An answer may still be on its way.

    def _go_on(self) -> None:
        if self._is_busy:
            return
        line, newline, rest = self._received.partition(b"\n")
        if newline or (line and self._at_end):
            self._received, self._is_busy = rest, True
            text = line.decode("utf-8", "replace").rstrip("\r")
            self._loop.call_later(self._service.takes_s, self._look_up, text, self._service.begin(text))
        elif self._at_end:
            self._transport.close()

    def _look_up(self, line: str, end: Callable[[], None]) -> None:
        try:
            answer = self._service.answer(line)
        except BaseException:
            self._transport.close()
            raise
        if isinstance(answer, (str, bytes)):
            self._reply(answer, end)
        else:
            looking = asyncio.ensure_future(answer)
            looking.add_done_callback(lambda found: self._reply(found.result(), end))

    def _reply(self, answer: str | bytes, end: Callable[[], None]) -> None:
        self._transport.write(answer if isinstance(answer, bytes) else answer.encode() + b"\n")
        end()
        self._is_busy = False
        if self._service.keep_open:
            self._go_on()
        else:
            self._transport.close()


@dataclass
class _LineService:
    """What every connection of one `Net.serve_lines` has in common."""

    answer: Answer
    takes_s: float
    keep_open: bool
    begin: Callable[[str], Callable[[], None]]
    """Note that a line has come in; what it returns, that it has been answered."""
    open: dict[_Lines, asyncio.Transport] = field(default_factory=dict)


class Net:
    """See the module's header."""

    LEARNER = "learner"
    """The name of the machine that the learner's code runs on, for suites that connect to it."""

    def __init__(self, world: World, guest: Guest) -> None:
        self._network, self._bound, self._guest = world.network, world.bound, guest
        self._exchanges: list[Exchange] = []
        self._servers: list[asyncio.Server] = []
        self._services: list[_LineService] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request seen so far, in order of arrival."""
        return tuple(self._exchanges)

    def clear(self) -> None:
        """Forget the exchanges so far: a new measurement begins."""
        self._exchanges.clear()

    # -- hosts -------------------------------------------------------------------------------------
    def host(
        self,
        name: str,
        *,
        latency_s: float = 0.0,
        bandwidth_bps: int | None = None,
        loss: float = 0.0,
        duplicate: float = 0.0,
        jitter_s: float = 0.0,
    ) -> Host:
        """A host by that name, made if there is none: `latency_s` is one way, bandwidth in bytes/s."""
        return self._network.host(name) or self._network.add_host(
            name,
            latency_ns=seconds(latency_s),
            bandwidth_bps=bandwidth_bps,
            loss=loss,
            duplicate=duplicate,
            jitter_ns=seconds(jitter_s),
        )

    def black_hole(self, name: str) -> None:
        """A host that answers nothing and refuses nothing."""
        self.host(name).up = False

    # -- servers -----------------------------------------------------------------------------------
    async def serve(self, name: str, port: int, handler: Handler) -> asyncio.Server:
        """`asyncio.start_server` on that host. Its connection is closed when the handler ends."""
        address = self.host(name).address

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass  # The learner's side went away: the suite looks at that elsewhere.
            except asyncio.CancelledError:
                pass  # The check is over. (Streams of Python 3.11 would log a traceback for each.)
            finally:
                writer.close()

        # A socket, not its address: looking that up takes the loop longer than the serving.
        server = await asyncio.start_server(handle, sock=self._bound(address, port), limit=1 << 24)
        self._servers.append(server)
        return server

    async def serve_lines(
        self,
        name: str,
        port: int,
        answer: Answer,
        *,
        takes_s: float = 0.0,
        keep_open: bool = False,
        needs: Mapping[str, Sequence[str]] | None = None,
    ) -> asyncio.Server:
        """Answer each line after `takes_s` with `answer(line)`; close after one unless `keep_open`.

        `needs` is for lines that the learner can only know from the answers to others (see `request`).
        """
        known = needs or {}

        def begin(line: str) -> Callable[[], None]:
            return self._begin(name, line, known.get(line, ()))

        service = _LineService(answer, takes_s, keep_open, begin)
        self._services.append(service)
        server = await asyncio.get_running_loop().create_server(
            lambda: _Lines(service),
            sock=self._bound(self.host(name).address, port),
            start_serving=False,
        )
        # As `start_serving`, but for the turn of the loop that it takes afterwards.
        server._start_serving()  # type: ignore[attr-defined]  # stock's, private
        self._servers.append(server)
        return server

    @staticmethod
    def reset(writer: asyncio.StreamWriter) -> None:
        """Break a connection off: the other side's next read or write raises ConnectionResetError."""
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    # -- evidence ----------------------------------------------------------------------------------
    @contextmanager
    def request(self, host: str, label: str = "", needs: Sequence[str] = ()) -> Iterator[None]:
        """One exchange, in flight for as long as the body runs.

        `needs` are labels of other requests without whose answers this one could not be made: the
        best possible run is drawn accordingly.
        """
        end = self._begin(host, label, needs)
        try:
            yield
        finally:
            end()

    def _begin(self, host: str, label: str, needs: Sequence[str]) -> Callable[[], None]:
        """Note that a request has come in; what to call when it has been answered."""
        index, kernel = len(self._exchanges), self._network.kernel
        begun = Exchange(host=host, label=label, start_ns=kernel.now_ns, end_ns=None, needs=tuple(needs))
        self._exchanges.append(begun)

        def end() -> None:
            if index < len(self._exchanges):  # else it was forgotten meanwhile
                self._exchanges[index] = msgspec.structs.replace(begun, end_ns=kernel.now_ns)

        return end

    def learner_connections(self) -> int:
        """How many connections the learner's machine has open, as the network sees it."""
        return self._guest.port.open_connections()

    async def connect(
        self, port: int, *, name: str | None = None, **options: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the learner's server, as host `name` if given."""
        local = None if name is None else (self.host(name).address, 0)
        learner = self.host(self.LEARNER).address
        return await asyncio.open_connection(learner, port, local_addr=local, **options)

    async def close(self) -> None:
        """Take no more connections."""
        for server in self._servers:
            server.close()

    def hang_up(self) -> None:
        """Let go of the connections that the learner's code has left open."""
        for service in self._services:
            for transport in service.open.values():
                transport.abort()

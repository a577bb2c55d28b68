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
from typing import Any

import msgspec

from grader.judge.failures import too_much
from grader.judge.guest import GuestSession
from grader.judge.lines import Answer, LineServer, Service
from grader.judge.port import Attempt
from grader.judge.world import World
from grader.records import Exchange, cut
from grader.sim.net.host import Host
from grader.testing import seconds

MAX_EXCHANGES = 20_000
"""Requests that a check takes note of: whoever makes more is ended."""


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def serve_streams(bound: socket.socket, handler: Handler) -> asyncio.Server:
    """`asyncio.start_server` on a bound socket; a connection is closed when its handler ends."""

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
    return await asyncio.start_server(handle, sock=bound, limit=1 << 24)


class Net:
    """See the module's header."""

    LEARNER = "learner"
    """The name of the machine that the learner's code runs on, for suites that connect to it."""

    def __init__(self, world: World, guest: GuestSession) -> None:
        self._world, self._network, self._guest = world, world.network, guest
        self._exchanges: list[Exchange] = []
        self._servers: list[asyncio.Server | LineServer] = []

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
        server = await serve_streams(self._world.bound(self.host(name).address, port), handler)
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
    ) -> None:
        """Answer each line after `takes_s` with `answer(line)`; close after one unless `keep_open`.

        `needs` is for lines that the learner can only know from the answers to others (see `request`).
        """
        known = needs or {}

        def begin(line: str) -> Callable[[], None]:
            return self._begin(name, line, known.get(line, ()))

        service = Service(answer, takes_s, keep_open, begin)
        self._servers.append(await self._world.serve_lines(self.host(name), port, service))

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
        if index >= MAX_EXCHANGES:
            self._guest.end(too_much(f"made more than {MAX_EXCHANGES:,} requests"))
            return lambda: None
        begun = Exchange(host=host, label=cut(label), start_ns=kernel.now_ns, end_ns=None, needs=tuple(needs))
        self._exchanges.append(begun)

        def end() -> None:
            if index < len(self._exchanges):  # else it was forgotten meanwhile
                self._exchanges[index] = msgspec.structs.replace(begun, end_ns=kernel.now_ns)

        return end

    def learner_connections(self) -> int:
        """How many connections the learner's machine has open, as the network sees it."""
        return self._guest.port.open_connections()

    def learner_attempts(self, name: str) -> list[Attempt]:
        """The connections that the learner's machine has opened to that host, or tried to, in order."""
        host = self._network.host(name)
        return [] if host is None else self._guest.port.attempts(host.address)

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

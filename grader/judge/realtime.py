"""The real clock (`--clock real`): the same suites over loopback sockets, to show the simulation honest.

Nothing but the machine below asyncio changes: judge and guest run stock loops, the guest's library is
not patched, and each host is an address of its own in 127.0.0.0/8. Judge and guest no longer take
turns, so messages go when there are some. Times are those of this machine and hold only within
`TOLERANCE_NS`; links (latency, loss) do not exist, programs and slow files do not either, and there is
no sandbox: it is for one's own code. Checks that need any of these are left out.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader import wire
from grader.errors import WireError
from grader.judge.guest import Guest
from grader.judge.launch import Child
from grader.judge.lines import Service, bytes_of, text_of
from grader.judge.pipe import GuestGone, SocketPipe
from grader.judge.plain import start
from grader.judge.run import Setting
from grader.records import Limits
from grader.testing import Failure, Verdict

if TYPE_CHECKING:
    from grader.judge.net import Net

TOLERANCE_NS = 250_000_000
"""How far a time may be off on the real clock before it counts, in nanoseconds."""


WALL_S = 300.0
"""Virtual seconds are real ones here, so the limits of the virtual clock would be too short."""


class RealClock:
    """Stands where a world's kernel stands: it only tells the time since the check began."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    @property
    def now_ns(self) -> int:
        return time.monotonic_ns() - self._start_ns


@dataclass
class RealHost:
    """A host of the judge's: a loopback address of its own."""

    name: str
    address: str
    up: bool = True
    latency_ns: int = 0


class RealNetwork:
    """Names for loopback addresses."""

    def __init__(self, kernel: RealClock) -> None:
        self.kernel = kernel
        self._hosts: dict[str, RealHost] = {}

    def host(self, name: str) -> RealHost | None:
        return self._hosts.get(name)

    def add_host(self, name: str, **link: Any) -> RealHost:
        """Leaves the check out where it wants a link, which the real machine does not have."""
        if any(link.values()):
            import pytest

            pytest.skip("links are not to be had on the real clock")
        number = len(self._hosts) + 2
        host = self._hosts[name] = RealHost(name, f"127.77.{number >> 8}.{number & 255}")
        return host


class RealWorld:
    """Stands where `World` stands: a stock loop, the real clock, loopback."""

    def __init__(self, seed: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.rng = random.Random(seed)
        self.kernel = RealClock()
        self.network = RealNetwork(self.kernel)
        self.network._hosts["learner"] = RealHost("learner", "127.0.0.1")
        self.loop = loop or asyncio.SelectorEventLoop()
        self._guest: RealGuest | None = None

    def attach(self, guest: Guest) -> None:
        """Hear the guest whenever it says something."""
        assert isinstance(guest, RealGuest)
        self._guest = guest
        guest.listen(self.loop, self.network)

    def bound(self, address: str, port: int) -> socket.socket:
        """A stream socket on that loopback address. Raises OSError where one is bound already."""
        return socket.create_server((address, port))

    async def serve_lines(self, net: Net, name: str, port: int, service: Service) -> asyncio.Server:
        """See `Net.serve_lines`: as streams here. Raises OSError where something listens already."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                text = text_of(line)
                end = service.begin(text)
                try:
                    await asyncio.sleep(service.takes_s)
                    answer = service.answer(text)
                    writer.write(bytes_of(answer if isinstance(answer, (str, bytes)) else await answer))
                    await writer.drain()
                finally:
                    end()
                if not service.keep_open:
                    return

        return await net.serve(name, port, handle)

    def end(self) -> None:
        """Nothing is kept; pytest-asyncio closes the loop."""


class RealGuest(Guest):
    """A guest on the real clock: events go at once, actions are handled as they come."""

    def listen(self, loop: asyncio.AbstractEventLoop, network: RealNetwork) -> None:
        self._loop, self._network = loop, network
        self.handle({wire.Resolve: self._resolve})
        self.missing = ("the real clock runs without a sandbox",)
        self._deadline_s = time.monotonic() + WALL_S
        loop.add_reader(self._connection().fileno(), self._hear_what_is_there)
        self._belt = loop.call_later(WALL_S, self._too_long)

    def _connection(self) -> socket.socket:
        pipe = self.child.pipe
        assert isinstance(pipe, SocketPipe)
        return pipe.connection

    def post(self, event: wire.Event) -> None:
        if self.failure is None:
            frame = wire.frame(wire.Step(self.kernel.now_ns, [event]))
            try:
                self.child.pipe.send(frame, time.monotonic() + self.limits.wall_s)
            except (GuestGone, TimeoutError):
                self._gone()

    def _hear_what_is_there(self) -> None:
        pipe = self.child.pipe
        assert isinstance(pipe, SocketPipe)
        try:
            for body in pipe.receive_now(self.limits.frame_bytes):
                self._take(wire.read_idle(body))
        except GuestGone:
            self._gone()
        except WireError as error:
            self.end(Failure(f"It wrote to the grader's wire: {error}.", verdict=Verdict.SANDBOX_VIOLATION))

    def _gone(self) -> None:
        self._loop.remove_reader(self._connection().fileno())
        self.end(self._failure_of_exit(self.child.end()))

    def _too_long(self) -> None:
        text = f"Your program was still running after {WALL_S:g} s."
        self.end(Failure(text, verdict=Verdict.TIME_LIMIT))

    def _resolve(self, message: wire.Resolve) -> None:
        host = self._network.host(message.name)
        self.post(wire.Resolved(message.number, None if host is None else host.address))

    def close(self) -> None:
        self._belt.cancel()
        connection = self._connection()
        if connection.fileno() >= 0 and not self._loop.is_closed():
            self._loop.remove_reader(connection.fileno())
        self.child.dismiss()


class RealLauncher:
    """A plain process per guest, with its own descriptor for a wire and nothing else."""

    @property
    def is_alive(self) -> bool:
        return True

    def expect(self, level: str, limits: Limits) -> None:
        """Nothing is made ready."""

    def launch(self, level: str, limits: Limits) -> Child:
        return start("realtime", limits)

    def close(self) -> None:
        """Nothing is kept between guests."""


SETTING = Setting(RealWorld, RealGuest, TOLERANCE_NS)

"""The real clock (`--clock real`): the same suites over loopback sockets, to show the simulation honest.

Nothing but the machine below asyncio changes: judge and guest run stock loops, the guest's library is
not patched, and each host is an address of its own in 127.0.0.0/8. Judge and guest no longer take
turns, so messages go when there are some. Times are those of this machine and hold only within
`TOLERANCE_NS`; links (latency, loss) and hosts that answer nothing do not exist, programs and slow files
do not either, and there is no sandbox: it is for one's own code. Checks that need any of these are left
out. What the learner's process has open is what Linux says of it; elsewhere nobody can tell.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader import wire
from grader.errors import WireError
from grader.judge.failures import over_bound
from grader.judge.guest import GuestSession
from grader.judge.launch import GuestChild
from grader.judge.lines import Service, bytes_of, text_of
from grader.judge.net import serve_streams
from grader.judge.pipe import GuestGone, StreamPipe
from grader.judge.plain_process import start
from grader.judge.port import GuestPort
from grader.judge.run import Setting
from grader.records import Limits
from grader.testing import Failure, Verdict
from grader.wire.control import SandboxStatus

TOLERANCE_NS = 250_000_000
"""How far a time may be off on the real clock before it counts, in nanoseconds."""


BEAT_S = 0.05
"""How often the guest's loop is asked whether it is free."""
WALL_S = 300.0
"""Virtual seconds are real ones here, so the limits of the virtual clock would be too short."""


class RealKernel:
    """Stands where a world's kernel stands: it only tells the time since the check began."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    @property
    def now_ns(self) -> int:
        return time.monotonic_ns() - self._start_ns


_numbers = itertools.count(2)
"""Every host has an address that none had before: what was closed may linger at its own."""


def leave_out(why: str) -> NoReturn:
    """Leave the check out: it can be neither passed nor failed here."""
    import pytest

    pytest.skip(why)


@dataclass
class RealHost:
    """A host of the judge's: a loopback address of its own."""

    name: str
    address: str
    latency_ns: int = 0
    connects_after_ns: int = 0
    refuses_with: int | None = None

    @property
    def up(self) -> bool:
        """It always is."""
        return True

    @up.setter
    def up(self, up: bool) -> None:
        """Leaves the check out where the host is to answer nothing: loopback refuses at once."""
        if not up:
            leave_out("a host that answers nothing is not to be had on the real clock")


class RealNetwork:
    """Names for loopback addresses."""

    def __init__(self, kernel: RealKernel) -> None:
        self.kernel = kernel
        self._hosts: dict[str, RealHost] = {}

    def host(self, name: str) -> RealHost | None:
        return self._hosts.get(name)

    def add_host(self, name: str, **link: Any) -> RealHost:
        """Leaves the check out where it wants a link, which the real machine does not have."""
        if any(link.values()):
            leave_out("links are not to be had on the real clock")
        number = next(_numbers)
        # Loopback addresses of this process's own: others may judge on the real clock at the same time.
        own = 1 + os.getpid() % 254
        host = RealHost(name, f"127.{own}.{number >> 8}.{number & 255}")
        _leave_out_unless_here(host.address)
        self._hosts[name] = host
        return host


def _leave_out_unless_here(address: str) -> None:
    """macOS has 127.0.0.1 and no other loopback address, unless somebody gives it more."""
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            leave_out(f"this machine has no loopback address {address}")


class RealWorld:
    """Stands where `World` stands: a stock loop, the real clock, loopback."""

    def __init__(self, seed: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.rng = random.Random(seed)
        self.kernel = RealKernel()
        self.network = RealNetwork(self.kernel)
        self.network._hosts["learner"] = RealHost("learner", "127.0.0.1")
        self.loop = loop or asyncio.SelectorEventLoop()
        self._guest: RealGuest | None = None

    def attach(self, guest: GuestSession) -> None:
        """Hear the guest whenever it says something."""
        assert isinstance(guest, RealGuest)
        self._guest = guest
        guest.listen(self.loop, self.network)

    def bound(self, address: str, port: int) -> socket.socket:
        """A stream socket on that loopback address. Raises OSError where one is bound already."""
        return socket.create_server((address, port))

    async def serve_lines(self, host: RealHost, port: int, service: Service) -> asyncio.Server:
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

        return await serve_streams(self.bound(host.address, port), handle)

    def end(self) -> None:
        """Nothing is kept; pytest-asyncio closes the loop."""


class RealPort(GuestPort):
    """What the guest's process has open: there is no network of ours that would know."""

    def __init__(self, post: Callable[[wire.Event], None], max_sockets: int, pid: int) -> None:
        super().__init__(post, max_sockets)
        self._pid = pid

    def open_connections(self) -> int:
        """Those that are still open after a while: to close one takes the guest some real time."""
        until_ns = time.monotonic_ns() + TOLERANCE_NS
        while (count := connections_of(self._pid)) and time.monotonic_ns() < until_ns:
            time.sleep(0.01)
        return count


def connections_of(pid: int) -> int:
    """How many TCP connections a process has open. Leaves the check out on a machine that does not tell."""
    try:
        table = Path("/proc/self/net/tcp").read_text(encoding="ascii")
    except OSError:
        leave_out("open connections can be counted on Linux only")
    sockets = set(_descriptors(Path(f"/proc/{pid}/fd")))
    rows = [line.split() for line in table.splitlines()[1:]]
    return sum(f"socket:[{row[9]}]" in sockets and row[3] not in _NO_CONNECTION for row in rows)


def _descriptors(folder: Path) -> Iterator[str]:
    """What each open descriptor is, in Linux's words; none of a process that has ended."""
    try:
        for descriptor in folder.iterdir():
            with suppress(FileNotFoundError):  # It has been closed meanwhile.
                yield str(descriptor.readlink())
    except OSError:
        return


_NO_CONNECTION = {"07", "0A"}
"""States of a TCP socket that is closed, and of one that listens, as Linux writes them."""


class RealGuest(GuestSession):
    """A guest on the real clock: events go at once, actions are handled as they come."""

    _is_gone = False
    """Whether nothing more is heard of it."""

    def listen(self, loop: asyncio.AbstractEventLoop, network: RealNetwork) -> None:
        self._loop, self._network = loop, network
        self.port = RealPort(self.post, self.limits.sockets, self.child.pid)
        self.handle({wire.Resolve: self._resolve})
        self.entered = SandboxStatus(missing=("the real clock runs without a sandbox",))
        self._deadline_s = time.monotonic() + WALL_S
        self._belt = loop.call_later(WALL_S, self._too_long)
        self._pipe().on_data = self._wake
        self._wake()  # Something may have come before anybody listened.
        self._beat()

    def _beat(self) -> None:
        """Ask the guest's loop whether it is free, every now and then: here, nobody takes turns."""
        self._next_beat = self._loop.call_later(BEAT_S, self._beat)
        if not self.pulse.is_waiting:
            self.post(wire.Ping(self.pulse.ask(self.kernel.now_ns)))

    def _wake(self) -> None:
        with suppress(RuntimeError):  # The loop is closed: the check is over.
            self._loop.call_soon_threadsafe(self._hear_what_is_there)

    def _look_at_budget(self) -> None:
        """`WALL_S` alone counts: real seconds are too many for the limits of the virtual clock."""

    def _pipe(self) -> StreamPipe:
        assert isinstance(self.child.pipe, StreamPipe)
        return self.child.pipe

    def post(self, event: wire.Event) -> None:
        if self.failure is None:
            frame = wire.frame(wire.Step(self.kernel.now_ns, [event]))
            try:
                self.child.pipe.send(frame, time.monotonic() + self.limits.wall_s)
            except (GuestGone, TimeoutError):
                self._gone()

    def _hear_what_is_there(self) -> None:
        if self._is_gone:
            return
        try:
            for body in self._pipe().receive_now(self.limits.frame_bytes):
                self._take(wire.read_idle(body))
        except GuestGone:
            self._gone()
        except wire.OverBound as error:
            self.end(over_bound(error))
        except WireError as error:
            self.end(Failure(f"It wrote to the grader's wire: {error}.", verdict=Verdict.SANDBOX_VIOLATION))

    def _gone(self) -> None:
        self._is_gone = True
        self.end(self._failure_of_exit(self.child.end()))

    def _too_long(self) -> None:
        text = f"Your program was still running after {WALL_S:g} s."
        self.end(Failure(text, verdict=Verdict.TIME_LIMIT))

    def _resolve(self, message: wire.Resolve) -> None:
        host = self._network.host(message.name)
        self.post(wire.Resolved(message.number, None if host is None else host.address))

    def close(self) -> None:
        self._is_gone = True
        self._belt.cancel()
        self._next_beat.cancel()
        self.child.dismiss()


class RealLauncher:
    """A plain process per guest, with its own descriptor for a wire and nothing else."""

    @property
    def is_alive(self) -> bool:
        return True

    def expect(self, level: str, limits: Limits) -> None:
        """Nothing is made ready."""

    def launch(self, level: str, limits: Limits) -> GuestChild:
        return start("realtime", limits)

    def close(self) -> None:
        """Nothing is kept between guests."""


SETTING = Setting(RealWorld, RealGuest, TOLERANCE_NS, shares_guests=False, wall_s=WALL_S)

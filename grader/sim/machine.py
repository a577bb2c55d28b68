"""One simulated machine: its kernel, descriptors, sockets, and what it asks of the world outside."""

from __future__ import annotations

import asyncio
import socket as _real
from collections.abc import Callable
from typing import Any

from grader.sim.children.children import Children
from grader.sim.descriptors import DescriptorTable
from grader.sim.disk.files import FileTree
from grader.sim.kernel import Idler, Kernel
from grader.sim.net.stack import Stack
from grader.sim.signals import Signals

HOSTNAME = "learner"


def _nowhere() -> int | None:
    return None


class Machine:
    """What the patched standard library of one process runs on."""

    def __init__(
        self,
        idler: Idler,
        *,
        steps_per_instant: int | None = None,
        max_threads: int = 64,
        max_descriptors: int = 50_000,
        hostname: str = HOSTNAME,
    ) -> None:
        self.hostname = hostname
        self.kernel = Kernel(idler, steps_per_instant=steps_per_instant, max_threads=max_threads)
        self.descriptors = DescriptorTable(max_descriptors)
        self.stack = Stack(self.kernel)
        self.signals = Signals(self.kernel, self.descriptors)
        self.children = Children(self.kernel, self.descriptors, self.signals)
        self.files = FileTree(self.kernel)
        self.where: Callable[[], int | None] = _nowhere
        """The line of the learner's code that is running, for reports; None where there is none."""
        self.loop_made: Callable[[asyncio.AbstractEventLoop], None] | None = None
        """Is told of every loop that is made on this machine."""
        self.task_made: Callable[[asyncio.Task[Any]], None] | None = None
        """Is told of every task that a loop of this machine makes."""
        self.task_touched: Callable[[asyncio.Task[Any]], None] | None = None
        """Is told of a task before a loop of this machine runs a step of it."""

    def deliver_signal(self, signum: int) -> None:
        """Send this machine's process a signal, now; its main thread handles it."""
        self.signals.deliver(signum)

    def known_address(self, host: str | bytes | bytearray | None) -> str | None:
        """The IPv4 address of a host that needs no looking up, None for a name."""
        if isinstance(host, (bytes, bytearray)):
            host = host.decode("ascii")
        if host in (None, "", "0.0.0.0"):
            return "0.0.0.0"
        if host in ("localhost", self.hostname, "<broadcast>") or host.startswith("127."):
            return "127.0.0.1"
        return host if _is_ipv4(host) else None

    def address_of(self, host: str | bytes | bytearray | None) -> str:
        """An IPv4 address, looked up while the thread waits. Raises socket.gaierror."""
        known = self.known_address(host)
        if known is not None:
            return known
        found = self.stack.resolve_blocking(host if isinstance(host, str) else bytes(host or b"").decode())
        if found is None:
            raise no_such_name()
        return found


def no_such_name() -> _real.gaierror:
    """The error of a name that nobody has."""
    return _real.gaierror(_real.EAI_NONAME, "Name or service not known")


def _is_ipv4(host: str) -> bool:
    try:
        _real.inet_aton(host)
    except OSError:
        return False
    return host.count(".") == 3

"""Where a behaviour is tried: on this machine, which is the oracle, and on the simulated one."""

from __future__ import annotations

import asyncio
import random
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from grader.sim.kernel import Alone
from grader.sim.machine import Machine
from grader.sim.net.network import Network
from grader.sim.patches import simulated

SECOND_NS = 1_000_000_000
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Simulated:
    """A simulated machine called `learner`, alone with its network."""

    name = "simulated"

    def __init__(self, seed: int = 1, steps: int = 20_000, threads: int = 64) -> None:
        self.machine = Machine(Alone(), steps_per_instant=steps, max_threads=threads)
        self.kernel = self.machine.kernel
        self.net = Network(self.kernel, random.Random(seed))
        self.host = self.net.add_host("learner")
        self.machine.stack.plug_into(self.net.plug_in(self.host, self.machine.stack))

    @contextmanager
    def running(self) -> Iterator[Simulated]:
        with simulated(self.machine):
            yield self

    @property
    def now_s(self) -> float:
        """Virtual seconds since the world began."""
        return self.kernel.now_ns / SECOND_NS

    def run(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine to its end in this world."""
        with self.running():
            return asyncio.run(main())

    def unix_path(self, name: str) -> str:
        return f"/simulated/{name}"


class Real:
    """This machine, its own sockets and threads."""

    name = "real"

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()

    @contextmanager
    def running(self) -> Iterator[Real]:
        yield self
        self._folder.cleanup()

    def unix_path(self, name: str) -> str:
        return str(Path(self._folder.name) / name)


Platform = Simulated | Real


class Aside:
    """A function run in another thread; `result()` joins it and answers or raises."""

    def __init__(self, body: Callable[..., Any], *args: Any) -> None:
        self._outcome: list[Any] = []
        self._error: list[BaseException] = []

        def run() -> None:
            try:
                self._outcome.append(body(*args))
            except BaseException as error:
                self._error.append(error)

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def result(self) -> Any:
        self.thread.join()
        if self._error:
            raise self._error[0]
        return self._outcome[0]


@asynccontextmanager
async def serving(
    handler: Handler, host: str = "127.0.0.1", port: int = 0, **options: Any
) -> AsyncIterator[asyncio.Server]:
    """A server that is closed, and all its handlers at their ends, when the block is left."""
    running: list[asyncio.Task[Any]] = []

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.append(asyncio.current_task())  # type: ignore[arg-type]  # there always is one here
        await handler(reader, writer)

    async with await asyncio.start_server(tracked, host, port, **options) as server:
        yield server
    await asyncio.gather(*running, return_exceptions=True)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a stream and wait until it is."""
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()

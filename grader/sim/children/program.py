"""What a program that a suite supplies has of its own process: arguments, streams, signals, time."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from grader.sim.host_ports import STDERR, STDIN, STDOUT, ChildCalls

PIECE_BYTES = 65_536
SIGKILL = int(getattr(signal, "SIGKILL", 9))
Ask = Callable[[Callable[[ChildCalls], None]], None]
"""Tells the parent's machine something, as soon as it can be told."""


@dataclass
class ProgramRun:
    """One run of a program, as the outside saw it; what has not happened yet is None."""

    pid: int
    argv: tuple[str, ...]
    start_ns: int
    end_ns: int | None = None
    status: int | None = None
    """As `os.waitpid` gives it."""
    reaped_ns: int | None = None
    """When its parent collected the status; until then it is a zombie."""

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for the signal that ended it."""
        return None if self.status is None else os.waitstatus_to_exitcode(self.status)


class Process:
    """What a program has of its own process. Belongs to the loop that programs run on."""

    def __init__(self, ask: Ask, run: ProgramRun, environment: dict[str, str], folder: str) -> None:
        self._ask = ask
        self.run = run
        self.pid = run.pid
        self.argv = list(run.argv)
        self.env = environment
        """What the parent set; empty when the child has its parent's."""
        self.cwd = folder
        self.stdin = Inlet(self)
        self.stdout = Outlet(self, STDOUT)
        self.stderr = Outlet(self, STDERR)
        self.task: asyncio.Task[None] | None = None
        self._handlers: dict[int, Callable[[], object] | None] = {}
        self._answers: dict[int, asyncio.Future[tuple[bytes, int]]] = {}

    async def sleep(self, seconds: float) -> None:
        """Work, or wait, for that long in virtual time."""
        await asyncio.sleep(seconds)

    def on_signal(self, signum: int, handler: Callable[[], object] | None) -> None:
        """Call `handler()` on that signal instead of ending; None to ignore it. SIGKILL always ends."""
        self._handlers[signum] = handler

    def handles(self, signum: int) -> bool:
        return signum in self._handlers and signum != SIGKILL

    def handle(self, signum: int) -> None:
        handler = self._handlers.get(signum)
        if handler is not None:
            handler()

    async def system_call(self, fd: int, begin: Callable[[ChildCalls], None]) -> tuple[bytes, int]:
        """Ask the parent's machine; the answer's bytes and errno."""
        if self.run.end_ns is not None:
            raise asyncio.CancelledError("the process has ended")
        answer: asyncio.Future[tuple[bytes, int]] = asyncio.get_running_loop().create_future()
        self._answers[fd] = answer
        try:
            self._ask(begin)
            return await answer
        finally:
            self._answers.pop(fd, None)

    def answer(self, fd: int, data: bytes, error: int) -> None:
        waiting = self._answers.get(fd)
        if waiting is not None and not waiting.done():
            waiting.set_result((data, error))

    def close(self, fd: int) -> None:
        """Close a standard stream early: whoever is at its other end sees the end."""
        self._ask(lambda machine: machine.close(self.pid, fd))


class Inlet:
    """A program's standard input."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._buffer = bytearray()
        self._at_end = False

    async def _fill(self) -> None:
        pid = self._process.pid
        data, _ = await self._process.system_call(STDIN, lambda machine: machine.read(pid, PIECE_BYTES))
        self._buffer += data[:PIECE_BYTES]
        self._at_end = not data

    def _take(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    async def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, as soon as there are any; all up to the end by default; b"" at the end."""
        while not self._at_end and (size < 0 or not self._buffer):
            await self._fill()
        return self._take(len(self._buffer) if size < 0 else size)

    async def readline(self) -> bytes:
        """The next line with its newline, what is left without one at the end, then b""."""
        while not self._at_end and b"\n" not in self._buffer:
            await self._fill()
        newline = self._buffer.find(b"\n")
        return self._take(len(self._buffer) if newline < 0 else newline + 1)

    def __aiter__(self) -> Inlet:
        return self

    async def __anext__(self) -> bytes:
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line

    def close(self) -> None:
        """Read no more: the parent's next write fails."""
        self._process.close(STDIN)


class Outlet:
    """A program's standard output or error."""

    def __init__(self, process: Process, fd: int) -> None:
        self._process = process
        self._fd = fd
        self._turn = asyncio.Lock()

    async def write(self, data: bytes) -> None:
        """Write all of it; waits while the pipe is full.

        Raises BrokenPipeError when nobody reads: a program that lets it pass is ended by SIGPIPE.
        """
        async with self._turn:
            for start in range(0, len(data), PIECE_BYTES):
                await self._write(bytes(data[start : start + PIECE_BYTES]))

    async def _write(self, piece: bytes) -> None:
        pid, fd = self._process.pid, self._fd
        _, error = await self._process.system_call(fd, lambda machine: machine.write(pid, fd, piece))
        if error:
            raise OSError(error, os.strerror(error))

    def close(self) -> None:
        """Write no more: the reader sees the end."""
        self._process.close(self._fd)

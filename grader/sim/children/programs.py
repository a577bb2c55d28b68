"""Child processes as programs that a suite supplies: coroutines, each standing for a whole process.

    async def crunch(proc: Process) -> int:
        number = int(proc.argv[1])
        await proc.sleep(2)                      # its work, in virtual time
        await proc.stdout.write(b"%d\\n" % number)
        return 0                                 # its exit code

Lives where the clock lives: in the judge, on its loop, or in a world alone. It keeps a record of
every run, which is evidence. What a machine asks comes from untrusted code: bounded, never trusted.
"""

from __future__ import annotations

import asyncio
import errno
import os
import posixpath
import signal
from collections.abc import Awaitable, Callable, Mapping

from grader.errors import NotSimulated
from grader.sim.children.program import SIGKILL, Process, ProgramRun
from grader.sim.children.shell import words_of
from grader.sim.host_ports import STDIN, ChildCalls
from grader.sim.kernel import Kernel
from grader.sim.signals import IGNORED_BY_DEFAULT

Program = Callable[[Process], Awaitable[int | None]]
MAX_RUNNING = 1_000
_SIGPIPE = int(getattr(signal, "SIGPIPE", 13))
_NOT_FOUND = 127


class Programs:
    """See the module's header. A machine's `ChildLauncher`.

    Programs are found by the name they are executed by, or by its last part. `sh -c` runs one simple
    command of theirs, unless there is a program `sh`.
    """

    def __init__(
        self, kernel: Kernel, loop: asyncio.AbstractEventLoop, programs: Mapping[str, Program] | None = None
    ) -> None:
        self._kernel = kernel
        self._loop = loop
        self._programs = dict(programs or {})
        self._machine: ChildCalls | None = None
        self._processes: dict[int, Process] = {}
        self._running = 0
        self.runs: list[ProgramRun] = []
        """Every run there has been, in the order of their starts."""
        self.errors: list[BaseException] = []
        """What programs raised, other than by their end: mistakes of the suite."""

    def plug_into(self, machine: ChildCalls) -> None:
        """Run children of that machine. One machine only: its process ids are the keys."""
        self._machine = machine

    def add(self, name: str, program: Program) -> None:
        """Let machines execute that program by that name."""
        self._programs[name] = program

    # -- evidence ----------------------------------------------------------------------------------
    def alive(self) -> tuple[ProgramRun, ...]:
        """The runs that have not ended."""
        return tuple(run for run in self.runs if run.end_ns is None)

    def unreaped(self) -> tuple[ProgramRun, ...]:
        """The zombies: runs that have ended and whose status nobody has collected."""
        return tuple(run for run in self.runs if run.end_ns is not None and run.reaped_ns is None)

    def end_all(self) -> None:
        """Kill whatever still runs, as when its machine is switched off."""
        for run in self.alive():
            self.signal(run.pid, SIGKILL)

    # -- what a machine asks -------------------------------------------------------------------------
    def spawn(
        self,
        pid: int,
        program: bytes,
        arguments: tuple[bytes, ...],
        folder: bytes,
        environment: tuple[bytes, ...] | None,
    ) -> None:
        if pid in self._processes:
            return
        if self._running >= MAX_RUNNING:
            self.ask_machine(lambda machine: machine.not_started(pid, errno.EAGAIN, ""))
            return
        argv = tuple(os.fsdecode(argument) for argument in arguments)
        try:
            body, argv = self._find(os.fsdecode(program), argv)
        except NotSimulated as refusal:
            why = str(refusal)
            self.ask_machine(lambda machine: machine.not_started(pid, 0, why))
            return
        except FileNotFoundError:
            self.ask_machine(lambda machine: machine.not_started(pid, errno.ENOENT, ""))
            return
        run = ProgramRun(pid, argv, self._kernel.now_ns)
        process = self._processes[pid] = Process(
            self.ask_machine, run, _named(environment), os.fsdecode(folder)
        )
        self.runs.append(run)
        self._running += 1
        self.ask_machine(lambda machine: machine.started(pid))
        self._loop.call_soon_threadsafe(self._begin, process, body)

    def _find(self, name: str, argv: tuple[str, ...]) -> tuple[Program, tuple[str, ...]]:
        found = self._named(name)
        if found is not None:
            return found, argv
        if posixpath.basename(name) == "sh" and len(argv) == 3 and argv[1] == "-c":
            words = tuple(words_of(argv[2])) or ("true",)
            return self._named(words[0]) or _unknown_command, words
        raise FileNotFoundError(name)

    def _named(self, name: str) -> Program | None:
        return self._programs.get(name) or self._programs.get(posixpath.basename(name))

    def signal(self, pid: int, signum: int) -> None:
        process = self._processes.get(pid)
        if process is None or process.run.end_ns is not None:
            return
        if process.handles(signum):
            self._loop.call_soon_threadsafe(process.handle, signum)
        elif signum not in IGNORED_BY_DEFAULT:
            self._end(process, signum)

    def reaped(self, pid: int) -> None:
        process = self._processes.get(pid)
        if process is not None and process.run.end_ns is not None and process.run.reaped_ns is None:
            process.run.reaped_ns = self._kernel.now_ns

    def have_read(self, pid: int, data: bytes) -> None:
        self._answer(pid, STDIN, data, 0)

    def have_written(self, pid: int, fd: int, error: int) -> None:
        self._answer(pid, fd, b"", error)

    def _answer(self, pid: int, fd: int, data: bytes, error: int) -> None:
        process = self._processes.get(pid)
        if process is not None:
            self._loop.call_soon_threadsafe(process.answer, fd, data, error)

    def ask_machine(self, begin: Callable[[ChildCalls], None]) -> None:
        """Tell the machine something, now, but not in the middle of somebody's call."""
        if self._machine is not None:
            self._kernel.call_at(self._kernel.now_ns, begin, self._machine)

    # -- a program's life --------------------------------------------------------------------------
    def _begin(self, process: Process, body: Program) -> None:
        if process.run.end_ns is None:
            name = f"{process.argv[0] if process.argv else '?'} (pid {process.pid})"
            process.task = self._loop.create_task(self._live(process, body), name=name)

    async def _live(self, process: Process, body: Program) -> None:
        try:
            code = await body(process)
        except BrokenPipeError:
            self._end(process, _SIGPIPE)
        except SystemExit as end:
            self._end(process, (end.code if isinstance(end.code, int) else 0) << 8)
        except Exception as error:
            self.errors.append(error)
            self._end(process, 1 << 8)
        else:
            self._end(process, ((code or 0) & 0xFF) << 8)
        finally:
            self._end(process, SIGKILL)

    def _end(self, process: Process, status: int) -> None:
        run = process.run
        if run.end_ns is not None:
            return
        run.end_ns, run.status = self._kernel.now_ns, status
        self._running -= 1
        self.ask_machine(lambda machine: machine.exited(run.pid, status))
        if process.task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(process.task.cancel)


def _named(environment: tuple[bytes, ...] | None) -> dict[str, str]:
    pairs = (os.fsdecode(entry).partition("=") for entry in environment or ())
    return {name: value for name, _, value in pairs}


async def _unknown_command(process: Process) -> int:
    """What a shell does when it finds no such command."""
    await process.stderr.write(f"sh: 1: {process.argv[0]}: not found\n".encode(errors="replace"))
    return _NOT_FOUND

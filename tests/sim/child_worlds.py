"""Two worlds for tests of child processes: a simulated one, and this machine as the oracle.

Each program exists twice: as a coroutine for the simulation and as Python source for the real thing.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.sim.children.program import Process
from grader.sim.children.programs import Programs
from grader.sim.kernel import Alone, Kernel
from grader.sim.machine import Machine
from grader.sim.patches import simulated
from grader.sim.shims.asyncio_loop import SimLoop


async def upper(proc: Process) -> int:
    await proc.stdout.write((await proc.stdin.read()).upper())
    return 0


async def number_lines(proc: Process) -> None:
    number = 0
    async for line in proc.stdin:
        number += 1
        await proc.stdout.write(b"%d %s" % (number, line))


async def say(proc: Process) -> None:
    await proc.stdout.write(b"x" * int(proc.argv[1]))


async def both(proc: Process) -> None:
    await proc.stdout.write(b"out\n")
    await proc.stderr.write(b"err\n")


async def leave(proc: Process) -> int:
    return int(proc.argv[1])


async def hang(proc: Process) -> None:
    await proc.stdout.write(b"ready\n")
    await asyncio.Event().wait()


async def stubborn(proc: Process) -> None:
    proc.on_signal(signal.SIGTERM, None)
    await hang(proc)


async def graceful(proc: Process) -> int:
    asked = asyncio.Event()
    proc.on_signal(signal.SIGTERM, asked.set)
    await proc.stdout.write(b"ready\n")
    await asked.wait()
    await proc.stdout.write(b"bye\n")
    return 7


async def deaf(proc: Process) -> None:
    proc.stdin.close()
    await hang(proc)


async def show(proc: Process) -> None:
    await proc.stdout.write(f"{proc.argv[1:]} {proc.env.get('KEY')}".encode())


async def work(proc: Process) -> None:
    await proc.sleep(float(proc.argv[1]))


PROGRAMS = {
    one.__name__: one
    for one in (upper, number_lines, say, both, leave, hang, stubborn, graceful, deaf, show, work)
}
_HANG = "import os, signal\nos.write(1, b'ready\\n')\nsignal.pause()\n"
SOURCES = {
    "upper": "import sys; sys.stdout.write(sys.stdin.read().upper())",
    "number_lines": (
        "import sys\nfor i, line in enumerate(sys.stdin.buffer, 1):\n"
        "    sys.stdout.buffer.write(b'%d %s' % (i, line)); sys.stdout.flush()"
    ),
    "say": (
        "import signal, sys; signal.signal(signal.SIGPIPE, signal.SIG_DFL)\nprint(end='x' * int(sys.argv[1]))"
    ),
    "both": "import sys; print('out', flush=True); print('err', file=sys.stderr)",
    "leave": "import sys; sys.exit(int(sys.argv[1]))",
    "hang": _HANG,
    "stubborn": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + _HANG,
    "graceful": (
        "import os, signal\ndef stop(*_):\n    os.write(1, b'bye\\n')\n    raise SystemExit(7)\n"
        "signal.signal(signal.SIGTERM, stop)\n" + _HANG
    ),
    "deaf": "import os; os.close(0)\n" + _HANG,
    "show": "import os, sys; print(sys.argv[1:], os.environ.get('KEY'), end='')",
    "work": "import sys, time; time.sleep(float(sys.argv[1]))",
}


class SimulatedWorld:
    """A machine alone, whose outside runs on a thread of the simulation."""

    def __init__(self) -> None:
        self.machine = Machine(Alone(), steps_per_instant=20_000)

    @contextmanager
    def running(self) -> Iterator[None]:
        kernel = self.machine.kernel
        with simulated(self.machine):
            outside = SimLoop(self.machine)
            self.programs = Programs(kernel, outside, PROGRAMS)
            self.programs.plug_into(self.machine.children)
            self.machine.children.plug_into(self.programs)
            kernel.start_thread("outside", outside.run_forever)
            yield
            self.programs.end_all()
            outside.call_soon_threadsafe(outside.stop)
            kernel.wait(kernel.now_ns)
            kernel.wait(kernel.now_ns)
            outside.close()

    def command(self, name: str, *arguments: object) -> list[str]:
        return [name, *map(str, arguments)]

    def loop(self) -> asyncio.AbstractEventLoop:
        return SimLoop(self.machine)


class _Wire:
    """Carries calls as a wire would: later, and only numbers, bytes and names."""

    def __init__(self, kernel: Kernel, target: object) -> None:
        self._kernel = kernel
        self._target = target

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            for one in arguments:
                assert isinstance(one, (int, str, bytes, tuple, type(None))), (name, one)
            self._kernel.call_at(self._kernel.now_ns, getattr(self._target, name), *arguments)

        return call


class DistantWorld(SimulatedWorld):
    """As `SimulatedWorld`, with a wire between the machine and its outside."""

    @contextmanager
    def running(self) -> Iterator[None]:
        kernel = self.machine.kernel
        with super().running():
            self.programs.plug_into(_Wire(kernel, self.machine.children))
            self.machine.children.plug_into(_Wire(kernel, self.programs))
            yield


class RealWorld:
    """This machine: children are short Python programs."""

    @contextmanager
    def running(self) -> Iterator[None]:
        yield

    def command(self, name: str, *arguments: object) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", SOURCES[name], *map(str, arguments)]

    def loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.new_event_loop()

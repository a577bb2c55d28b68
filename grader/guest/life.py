"""A guest from birth to end: sandbox, then run after run of the learner's module.

A *run* has a machine, a loop, a watch and a module of its own. When the judge asks for the next one, the
guest says what this one has left behind: with anything left, the process is not used again.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import linecache
import marshal
import os
import re
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

from grader import wire
from grader.guest import faults, imports, relay
from grader.guest.leftovers import Fingerprint
from grader.guest.link import Link, WireMedium
from grader.guest.output import Streams
from grader.guest.sandbox import SandboxPolicy, SandboxStatus, enter
from grader.guest.serve import Server
from grader.guest.watch import RunWatch
from grader.records import Limits, cut
from grader.sim import world
from grader.sim.kernel import Flag
from grader.sim.machine import Machine
from grader.sim.shims.asyncio_loop import SimLoop

FILENAME = "solution.py"
"""What a file is called whose own name is no plain one."""
_PLAIN_NAME = re.compile(r"[\w. -]{1,100}\.py")
MAX_LEFT = 20
"""How many things that a run has left behind are named."""
_exit = os._exit


class GuestRun:
    """What one run has of its own: a machine, a loop, a watch, and what serves the judge's calls."""

    def __init__(self, link: Link, limits: Limits) -> None:
        self.machine = machine = Machine(
            link,
            steps_per_instant=limits.steps_per_instant,
            max_threads=limits.threads,
            max_descriptors=limits.sockets,
        )
        medium = WireMedium(link, machine.kernel)
        medium.attach(machine.stack)
        machine.stack.plug_into(medium)
        relay.attach(machine, link)
        self.watch = RunWatch(machine, link, FILENAME, limits.tasks)
        self.server = Server(self._pause, link, FILENAME)
        self.streams = Streams(link, limits.output_bytes)
        before = world.enter(machine)
        self._loops: list[weakref.ref[SimLoop]] = []
        machine.loop_made = self._loop_made
        self.loop = SimLoop(machine)
        world.enter(before)
        self.watch.begin()

    def _pause(self, what: str) -> tuple[Callable[[], None], Callable[[], object]]:
        over = Flag(self.machine.kernel)
        return over.set, lambda: self.machine.kernel.wait(None, over, what)

    def _loop_made(self, loop: asyncio.AbstractEventLoop) -> None:
        assert isinstance(loop, SimLoop)
        loop.set_exception_handler(self.watch.exception_handler)
        self._loops.append(weakref.ref(loop))

    def _open_loops(self) -> list[SimLoop]:
        """Those that are not closed, the newest first."""
        made = (reference() for reference in reversed(self._loops))
        return [loop for loop in made if loop is not None and not loop.is_closed()]

    def loop_of_choice(self) -> SimLoop:
        """The last loop that the learner's file made and left open: what it keeps of it is then of use.

        So it is in a script: `loop = asyncio.new_event_loop()` at its top is run by its last line.
        """
        return next(iter(self._open_loops()), self.loop)

    def left(self) -> list[str]:
        """What of this run still stands, in words; nothing of it may reach the next."""
        tasks = [f"the task {state.task}" for state in self.watch.states()]
        threads = ["a thread"] * (len(self.machine.kernel.threads) - 1)
        sockets = [f"the {words}" for words, _ in self.watch.open_sockets()]
        return [*tasks, *threads, *sockets]

    def end(self) -> None:
        """Let go of everything that the run held."""
        for loop in self._open_loops():
            loop.set_exception_handler(lambda loop, context: None)
            loop.close()
        self.machine.kernel.end()


class GuestProcess:
    """Everything in one untrusted process.

    A zygote makes it before it forks, so that what every guest needs is made once: nothing of it
    depends on the learner's code. One at a time, for the interpreter tells only the last one's watch.
    """

    def __init__(self, limits: Limits) -> None:
        self.link = link = Link()
        link.max_bytes = limits.frame_bytes
        self._limits = limits
        self.filename = FILENAME
        self._loading: wire.Load | None = None
        self._next: wire.NextRun | None = None
        self._namespace: dict[str, Any] | None = None
        link.on(wire.Load, self._take_load)
        link.on(wire.NextRun, self._take_next)
        self.run = GuestRun(link, limits)
        self._serving: SimLoop | None = None
        imports.refuse()
        self._fingerprint = Fingerprint()

    def _take_load(self, load: wire.Load) -> None:
        self._loading = load
        if _PLAIN_NAME.fullmatch(load.filename):
            self.filename = self.run.server.filename = load.filename

    def _take_next(self, event: wire.NextRun) -> None:
        self._next = event
        if self._serving is not None and self._serving.is_running():
            self._serving.call_soon_threadsafe(self._serving.stop)

    def live(self) -> None:
        """Take the learner's module through run after run, for as long as the judge wants."""
        while True:
            contextvars.Context().run(self._one_run)
            self._hand_over()

    def _one_run(self) -> None:
        run, self._next = self.run, None
        kernel = run.machine.kernel
        world.enter(run.machine)
        run.streams.put_in_place()
        try:
            self.link.take_step(kernel)
            assert self._loading is not None, "the first event is always Load"
            sys.argv = [self.filename]
            sys.orig_argv = ["python", self.filename]
            self._namespace = self._load(self._loading)
            if self._namespace is not None:
                self._serve(self._namespace)
        except BaseException as error:  # It ends this run; the judge is told why.
            self.link.act(wire.Died(faults.record(error, self.filename)))
        while self._next is None:
            run.streams.flush()
            self.link.idle(kernel, None)

    def _hand_over(self) -> None:
        """End this run, and say whether the next one finds everything as this one did."""
        assert self._next is not None
        run, load = self.run, self._loading
        left = run.left()
        run.end()
        self._serving = None
        # A loop that was set, or none, is remembered by the policy: the next run begins without one.
        asyncio.events._event_loop_policy = None  # type: ignore[attr-defined]  # private: the public way warns
        world.enter(None)
        keeps_module = self._next.same_module and self._namespace is not None
        if load is not None and not keeps_module:
            self._namespace = None
            sys.modules.pop(load.name, None)
        del run
        gc.collect()  # while the watch of this run is told of it
        left += self._fingerprint.restore()
        self.run = GuestRun(self.link, self._limits)
        self.link.start_over(wire.Cleared(tuple(cut(words) for words in left[:MAX_LEFT])))

    def show_output(self) -> None:
        """Have the judge told now, in the midst of a run, what has been printed."""
        self.run.streams.flush()
        kernel = self.run.machine.kernel
        self.link.idle(kernel, kernel.now_ns)

    def _load(self, load: wire.Load) -> dict[str, Any] | None:
        name = self.filename
        self.run.watch.learn_source(load.source, name)
        if self._namespace is not None:  # the run before was of the same module, and so is this one
            self._ended(load, None)
            return self._namespace
        text = load.source.decode("utf-8", "replace")
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        module = types.ModuleType(load.name)
        module.__file__ = name
        sys.modules[load.name] = module
        try:
            exec(self._code(load, name), module.__dict__)
        except BaseException as error:  # Whatever it is, the module could not be loaded.
            self._ended(load, faults.record(error, self.filename))
            return None
        self._ended(load, None, tuple(name for name in load.entry_points if name not in module.__dict__))
        return None if load.name == "__main__" else module.__dict__

    def _code(self, load: wire.Load, name: str) -> types.CodeType:
        """The source as code. The first guest of a submission says what it has made of it, so that
        the others need not; at once, since what has run could say anything in its name."""
        if load.code:
            return marshal.loads(load.code)  # type: ignore[no-any-return]  # what marshal gives is any
        faults.refuse_undecodable(load.source, name)
        code = compile(load.source, name, "exec", dont_inherit=True)
        self.link.act(wire.Compiled(marshal.dumps(code)))
        kernel = self.run.machine.kernel
        self.link.idle(kernel, kernel.now_ns)
        return code

    def _ended(
        self, load: wire.Load, error: wire.ExceptionRecord | None, missing: tuple[str, ...] = ()
    ) -> None:
        self.run.streams.flush()
        is_script = load.name == "__main__"
        self.link.act(wire.ScriptEnded(error) if is_script else wire.Loaded(error, missing))

    def _serve(self, namespace: dict[str, Any]) -> None:
        loop = self._serving = self.run.loop_of_choice()
        asyncio.set_event_loop(loop)
        self.link.is_loop_free = loop.is_at_rest
        self.run.server.run(loop, namespace)


def be_a_guest(guest: GuestProcess, read_fd: int, write_fd: int, policy: SandboxPolicy) -> None:
    """Turn this process into that guest, on this wire. Never returns."""
    guest.link.open(read_fd, write_fd)
    try:
        begin(guest, enter(policy, read_fd, write_fd))
    finally:
        _exit(70)


def begin(guest: GuestProcess, reached: SandboxStatus) -> None:
    """Live as that guest, on the wire that it has, shut in as far as was reached. Never returns."""
    gc.disable()  # Finalisers run at chosen points only: by count of references, and on inspection.
    sys.dont_write_bytecode = True
    guest.link.greet(wire.Entered(reached.isolation.value, [cut(words) for words in reached.missing]))
    guest.live()

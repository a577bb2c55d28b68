"""A guest from birth to end: sandbox, machine, the learner's module, calls."""

from __future__ import annotations

import asyncio
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
from grader.guest import faults, imports, outside
from grader.guest.link import Link, WireMedium
from grader.guest.output import Streams
from grader.guest.sandbox import Policy, Reached, enter
from grader.guest.serve import Server
from grader.guest.watch import Watch
from grader.records import Limits, cut
from grader.sim import world
from grader.sim.kernel import Flag
from grader.sim.loop import SimLoop
from grader.sim.machine import Machine

FILENAME = "solution.py"
"""What a file is called whose own name is no plain one."""
_PLAIN_NAME = re.compile(r"[\w. -]{1,100}\.py")
_exit = os._exit


class Guest:
    """Everything in one untrusted process.

    A zygote makes it before it forks, so that what every guest needs is made once: nothing of it
    depends on the learner's code. One at a time, for the interpreter tells only the last one's watch.
    """

    def __init__(self, limits: Limits) -> None:
        self.link = link = Link()
        link.max_bytes = limits.frame_bytes
        self.machine = Machine(
            link,
            steps_per_instant=limits.steps_per_instant,
            max_threads=limits.threads,
            max_descriptors=limits.sockets,
        )
        medium = WireMedium(link, self.machine.kernel)
        medium.attach(self.machine.stack)
        self.machine.stack.plug_into(medium)
        outside.attach(self.machine, link)
        self.filename = FILENAME
        self.watch = Watch(self.machine, link, FILENAME, limits.tasks)
        self.server = Server(self._pause, link, FILENAME)
        self._loading: wire.Load | None = None
        link.on(wire.Load, self._take_load)
        self.streams = Streams(link, limits.output_bytes)
        before = world.enter(self.machine)
        self._loops: list[weakref.ref[SimLoop]] = []
        self.machine.loop_made = self._loop_made
        self.loop = SimLoop(self.machine)
        world.enter(before)
        self.watch.begin()

    def _pause(self, what: str) -> tuple[Callable[[], None], Callable[[], object]]:
        over = Flag(self.machine.kernel)
        return over.set, lambda: self.machine.kernel.wait(None, over, what)

    def _loop_made(self, loop: SimLoop) -> None:
        loop.set_exception_handler(self.watch.exception_handler)
        self._loops.append(weakref.ref(loop))

    def _take_load(self, load: wire.Load) -> None:
        self._loading = load
        if _PLAIN_NAME.fullmatch(load.filename):
            self.filename = self.server.filename = load.filename

    def live(self) -> None:
        """Load the learner's module, then serve calls for as long as the judge wants."""
        world.enter(self.machine)
        self.streams.put_in_place()
        try:
            self.link.take_step(self.machine.kernel)
            assert self._loading is not None, "the first event is always Load"
            sys.argv = [self.filename]
            sys.orig_argv = ["python", self.filename]
            namespace = self._load(self._loading)
            if namespace is not None:
                self._serve(namespace)
        except BaseException as error:  # It ends this process; the judge is told why.
            self.link.act(wire.Died(faults.record(error, self.filename)))
        while True:
            self.streams.flush()
            self.link.idle(self.machine.kernel, None)

    def show_output(self) -> None:
        """Have the judge told now, in the midst of a run, what has been printed."""
        self.streams.flush()
        self.link.idle(self.machine.kernel, self.machine.kernel.now_ns)

    def _load(self, load: wire.Load) -> dict[str, Any] | None:
        name = self.filename
        self.watch.learn_source(load.source, name)
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
        self._ended(load, None)
        return None if load.name == "__main__" else module.__dict__

    def _code(self, load: wire.Load, name: str) -> types.CodeType:
        """The source as code. The first guest of a submission says what it has made of it, so that
        the others need not; at once, since what has run could say anything in its name."""
        if load.code:
            return marshal.loads(load.code)  # type: ignore[no-any-return]  # what marshal gives is any
        faults.refuse_undecodable(load.source, name)
        code = compile(load.source, name, "exec", dont_inherit=True)
        self.link.act(wire.Compiled(marshal.dumps(code)))
        self.link.idle(self.machine.kernel, self.machine.kernel.now_ns)
        return code

    def _ended(self, load: wire.Load, error: wire.ExceptionRecord | None) -> None:
        self.streams.flush()
        is_script = load.name == "__main__"
        self.link.act(wire.ScriptEnded(error) if is_script else wire.Loaded(error))

    def _serve(self, namespace: dict[str, Any]) -> None:
        loop = self._loop_of_choice()
        asyncio.set_event_loop(loop)
        self.link.is_loop_free = loop.is_at_rest
        self.server.run(loop, namespace)

    def _loop_of_choice(self) -> SimLoop:
        """The last loop that the learner's file made and left open: what it keeps of it is then of use.

        So it is in a script: `loop = asyncio.new_event_loop()` at its top is run by its last line.
        """
        made = (reference() for reference in reversed(self._loops))
        return next((loop for loop in made if loop is not None and not loop.is_closed()), self.loop)


def be_a_guest(guest: Guest, read_fd: int, write_fd: int, policy: Policy) -> None:
    """Turn this process into that guest, on this wire. Never returns."""
    guest.link.open(read_fd, write_fd)
    try:
        begin(guest, enter(policy, read_fd, write_fd))
    finally:
        _exit(70)


def begin(guest: Guest, reached: Reached) -> None:
    """Live as that guest, on the wire that it has, shut in as far as was reached. Never returns."""
    gc.disable()  # Finalisers run at chosen points only: by count of references, and on inspection.
    sys.dont_write_bytecode = True
    imports.refuse()
    guest.link.greet(wire.Entered(reached.isolation.value, [cut(words) for words in reached.missing]))
    guest.live()

"""The judge's world for one check: clock, network, loop, and the one guest."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from typing import Any

from grader import wire
from grader.errors import Deadlock
from grader.judge.guest import GuestSession
from grader.judge.lines import LineServer, Service
from grader.records import TaskState
from grader.sim import patches, world
from grader.sim.kernel import NS, Kernel
from grader.sim.machine import HOSTNAME, Machine
from grader.sim.net.host import Host
from grader.sim.net.network import Network
from grader.sim.shims.asyncio_loop import SimLoop
from grader.sim.shims.socket import SimSocket
from grader.testing import Failure, Verdict

JUDGE_HOST = "judge"
_MOST_NAMED = 10
"""Of the tasks in a deadlock: a rationale is read by a person."""


class World:
    """Owns the virtual clock. The guest attaches once the loop exists (see `attach`)."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.machine = Machine(self, hostname=JUDGE_HOST)
        self.kernel = self.machine.kernel
        self.network = Network(self.kernel, random.Random(f"network {seed}"))
        self.learner = self.network.add_host(HOSTNAME)
        self.machine.stack.plug_into(
            self.network.plug_in(self.network.add_host(JUDGE_HOST), self.machine.stack)
        )
        self.guest: GuestSession | None = None
        self.speed: float | None = None
        """Play time at this many virtual seconds per real one; None, as whenever judging: never wait."""
        self._undo = patches.apply(patches.for_asyncio_only())
        self._before = world.enter(self.machine)
        self.loop = SimLoop(self.machine)
        self.loop.set_debug(False)  # whatever PYTHONASYNCIODEBUG says

    def attach(self, guest: GuestSession) -> None:
        """Put the guest on the network as the learner's host, and let it run from now on."""
        self.guest = guest
        guest.plug_in(self.network.plug_in(self.learner, guest.port))

    def bound(self, address: str, port: int) -> socket.socket:
        """A stream socket of the judge's machine, bound. Raises OSError where one is bound already."""
        made: Any = SimSocket()
        made.bind((address, port))
        return made  # type: ignore[no-any-return]  # to asyncio and its types it is one

    async def serve_lines(self, host: Host, port: int, service: Service) -> LineServer:
        """See `Net.serve_lines`. Raises OSError where something listens already."""
        return LineServer(self.network, host, port, service)

    # -- the idler ---------------------------------------------------------------------------------
    def idle(self, kernel: Kernel, until_ns: int | None) -> None:
        """Deliver what is due, else let the guest run, else move the clock: its only mover."""
        if kernel.run_due_events():
            self.loop.poke()
            return
        if self.guest is not None and self.guest.is_due():
            self.guest.step()
            self.loop.poke()
            return
        guest_ns = None if self.guest is None else self.guest.until_ns
        upcoming = [at for at in (until_ns, kernel.next_event_ns(), guest_ns) if at is not None]
        if not upcoming:
            self._deadlock()
            return
        if self.speed is not None:
            time.sleep((min(upcoming) - kernel.now_ns) / NS / self.speed)
        kernel.advance_to(min(upcoming))
        guest = self.guest
        if guest is not None and guest.failure is None and kernel.now_ns > guest.limits.virtual_s * 1e9:
            guest.out_of_time()
            self.loop.poke()

    def _deadlock(self) -> None:
        """Nobody can ever wake: exact, and found at once. The guest is asked where it stands."""
        guest = self.guest
        if guest is None or guest.failure is not None:
            raise Deadlock("the suite waits for something that can never come")
        tasks = self._ask_where(guest)
        guest.end(deadlock(tasks))
        self.loop.poke()

    def _ask_where(self, guest: GuestSession) -> tuple[TaskState, ...]:
        if guest.is_expected("inspect", 0):
            return ()  # It has been asked already, and does not answer.
        reply: asyncio.Future[object] = self.loop.create_future()
        guest.expect("inspect", 0, reply)
        guest.post(wire.Inspect())
        guest.step()
        if not reply.done() or reply.exception() is not None:
            return ()
        found = reply.result()
        return found.history.pending if isinstance(found, wire.Inspected) else ()

    def end(self) -> None:
        """The check is over: what is left of this world is inert."""
        self.kernel.end()
        world.enter(self._before)
        patches.apply(self._undo)


def deadlock(tasks: tuple[TaskState, ...]) -> Failure:
    """The failure that names each pending task and the line it waits on.

    The line that is shown is that of a task which has made none of the others.
    """
    text = "Deadlock: everything waits, and nothing that could still happen would wake any of it."
    for state in tasks[:_MOST_NAMED]:
        where = f"at line {state.line}: {state.waiting_on}" if state.line else "outside your file"
        text += f"\n  - {state.task} waits {where}"
    if len(tasks) > _MOST_NAMED:
        text += f"\n  - and {len(tasks) - _MOST_NAMED} more"
    parents = {state.parent for state in tasks}  # They wait for the others, in a `gather` for example.
    lines = sorted((state.task in parents, at) for at, state in enumerate(tasks) if state.line)
    line = tasks[lines[0][1]].line if lines else None
    return Failure(text, verdict=Verdict.DEADLOCK, line=line)

"""A guest that is no process: a list of what it says, and a check that judges it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import traceback
from collections.abc import Sequence

from grader import wire
from grader.errors import WireError
from grader.judge import verdicts
from grader.judge.explain import explained
from grader.judge.guest import GuestSession
from grader.judge.net import Net
from grader.judge.pipe import GuestGone
from grader.judge.relay import attach_files, attach_programs
from grader.judge.remote import RemoteKata
from grader.judge.verdicts import CheckOutcome
from grader.judge.world import World
from grader.records import CheckResult, Limits
from grader.sim.children.programs import Programs
from grader.sim.disk.slowfiles import SlowFiles
from grader.testing import assert_overlaps, shown
from grader.wire.control import Ending

GREETING = wire.frame(wire.Idle(None, [wire.Entered("none", [])]))[wire.HEADER.size :]
LIMITS = Limits(wall_s=20.0, steps_per_instant=200, messages=5_000, virtual_s=1_000.0, sockets=50)


class Script:
    """A `Pipe` that brings these bodies, one for each step, and is then closed, or repeats the last."""

    def __init__(self, bodies: Sequence[bytes], *, repeats: bool = False) -> None:
        self._bodies = [GREETING, *bodies]
        self._repeats = repeats

    def send(self, frame: bytes, deadline_s: float) -> None:
        """Nobody is there to read it."""

    def receive(self, max_bytes: int, deadline_s: float) -> bytes:
        if not self._bodies:
            raise GuestGone("it has said all")
        body = self._bodies[0] if self._repeats and len(self._bodies) == 1 else self._bodies.pop(0)
        if len(body) > max_bytes:
            raise WireError("too large")
        return body

    def close(self) -> None:
        """There is nothing to close."""


class FakeChild:
    """A `Child` without a process."""

    def __init__(self, script: Script) -> None:
        self.pid = os.getpid()
        self.pipe = script

    def end(self) -> Ending:
        return Ending(status=0, cpu_s=0.0, peak_memory_kb=0)

    def dismiss(self) -> None:
        """There is nothing to end."""


def body(idle: wire.Idle) -> bytes:
    """A message as it lies in its frame."""
    return wire.frame(idle)[wire.HEADER.size :]


async def _read_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that reads without a bound of its own."""
    await reader.read()


async def _check(kata: RemoteKata, net: Net) -> None:
    await verdicts.loaded(kata, wire.Load(b"", "solution.py", "solution"))
    await net.serve_lines("a", 7000, lambda line: line, takes_s=1.0)
    await net.serve("b", 7000, _read_all)
    thing = kata.new("Thing", print)
    async with kata.heartbeat():
        first, second = kata.call("read_all", ["a", "b"]), kata.call_any("read_all", max)
        third = asyncio.ensure_future(thing.method())
        await asyncio.sleep(1)
        second.cancel()
        for found in await asyncio.gather(first, second, third, return_exceptions=True):
            shown(found)  # as `assert_equal` does
    await first
    assert_overlaps(net, peak=2)
    await verdicts.assert_nothing_left(kata)


SOURCE = "async def read_all(names): ..."


def judged(
    bodies: Sequence[bytes], *, repeats: bool = False, limits: Limits = LIMITS, source: str = ""
) -> CheckResult:
    """What a check comes to whose guest says this. Raises whatever escapes the judge: nothing should."""
    world = World("fake")
    outcome = CheckOutcome()
    guest = GuestSession(FakeChild(Script(bodies, repeats=repeats)), limits, world.kernel)
    world.attach(guest)
    kata = RemoteKata(guest)
    net = Net(world, guest)

    async def run() -> None:
        attach_programs(guest, Programs(world.kernel, world.loop))
        attach_files(guest, SlowFiles(world.kernel))
        try:
            await _check(kata, net)
        except BaseException as error:
            outcome.add(error)
            traceback.format_exception(error)  # as pytest does
        with contextlib.suppress(BaseException):
            await net.close()

    try:
        with asyncio.Runner(loop_factory=lambda: world.loop) as runner:
            runner.run(run())
    finally:
        guest.close()
        world.end()
    check = verdicts.check_result(
        "fuzzed",
        title="",
        max_points=1,
        outcome=outcome,
        guest=guest,
        kata=kata,
        exchanges=net.exchanges,
        seed=None,
    )
    return explained(check, guest.history(net.exchanges), source or SOURCE, ("read_all",))

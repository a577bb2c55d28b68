"""A learner's file as a script in the suite's demo world: `kata run`, and the figures of `kata show`."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from grader import wire
from grader.errors import BadKata
from grader.judge.exceptions import rebuild
from grader.judge.failures import failure_of
from grader.judge.guest import GuestSession
from grader.judge.launch import launcher
from grader.judge.net import Net
from grader.judge.plain_process import start
from grader.judge.world import World
from grader.records import History, Kata, Record, Submission
from grader.testing import Failure

OnPrint = Callable[[int, str, str], None]
_NAME = "__main__"


class ScriptRun(Record, frozen=True):
    """What became of one run of a script."""

    elapsed_virtual_ns: int
    best_virtual_ns: int
    failure: str | None
    """What ended it before its end, in words; None when it ran through."""
    line: int | None
    history: History
    """What happened, to draw."""


def run_script(
    kata: Kata,
    submission: Submission,
    *,
    suite: Path | None = None,
    seed: int = 0,
    isolation: str = "best",
    on_print: OnPrint | None = None,
    speed: float | None = None,
    debugged: bool = False,
) -> ScriptRun:
    """Run a file as `__main__` in the kata's demo world. `on_print(at_ns, stream, text)` as it prints.

    `speed` plays virtual time at that many virtual seconds per real one; None as fast as it goes.
    `debugged` shares the terminal with the file, which is then not shut in, so that `breakpoint()` works.
    Raises BadKata for a suite without a `demo`.
    """
    demo = _demo_of(suite or kata.suite)
    source = launcher(kata.requires)
    world = World(f"{seed} demo")
    world.speed = speed
    is_slow = debugged or speed is not None
    limits = msgspec.structs.replace(kata.limits, wall_s=86_400.0) if is_slow else kata.limits
    child = start("debugged", limits, *kata.requires, terminal=True) if debugged else None
    guest = GuestSession(child or source.launch(isolation, limits), limits, world.kernel)
    guest.on_print = on_print
    world.attach(guest)
    try:
        with asyncio.Runner(loop_factory=lambda: world.loop) as runner:
            return runner.run(_run(world, guest, demo, submission))
    finally:
        guest.close()
        world.end()
        source.close()


async def _run(
    world: World, guest: GuestSession, demo: Callable[..., Any], submission: Submission
) -> ScriptRun:
    net = Net(world, guest)
    offered = {"net": net, "rng": world.rng}
    wanted = {name: offered[name] for name in inspect.signature(demo).parameters}
    best_ns: int = await demo(**wanted)
    reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    guest.expect("load", 0, reply)
    guest.post(wire.Load(submission.source, submission.filename, _NAME))
    failure: Failure | None = None
    try:
        ended = await reply
        if ended.error is not None and not _is_clean_exit(ended.error):
            failure = failure_of(rebuild(ended.error))
    except Failure as error:
        failure = error
    history = guest.history(net.exchanges)
    elapsed_ns = world.kernel.now_ns
    await net.close()
    return ScriptRun(
        elapsed_virtual_ns=elapsed_ns,
        best_virtual_ns=best_ns,
        failure=None if failure is None else str(failure),
        line=None if failure is None else failure.line,
        history=history,
    )


def _is_clean_exit(error: wire.ExceptionRecord) -> bool:
    """Whether it ended as a script may; also by the debugger's `quit`."""
    exits = error.types[:1] == ("SystemExit",) and error.message in ("", "0", "None")
    return exits or error.types[:1] == ("BdbQuit",)


def demo_figures(kata: Kata) -> tuple[int, int]:
    """What the blocking stub takes today and the best possible, in virtual ns: found by running it."""
    stub = kata.folder / "stub.py"
    run = run_script(kata, Submission(source=stub.read_bytes(), filename=stub.name))
    if run.failure is not None:
        raise BadKata(f"The stub of {kata.name} does not run in its demo world: {run.failure}")
    return run.elapsed_virtual_ns, run.best_virtual_ns


def _demo_of(suite: Path) -> Callable[..., Any]:
    demo = getattr(_import(suite), "demo", None)
    if demo is None:
        raise BadKata(f"The suite {suite.name} has no `async def demo(net, rng)`.")
    return demo  # type: ignore[no-any-return]  # a suite is code without annotations


def _import(suite: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"demo_of_{suite.stem}", suite)
    assert spec is not None and spec.loader is not None, "a suite is a .py file"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

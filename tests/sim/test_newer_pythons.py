"""What differs between versions of Python: how loops are made, and what newer versions have that older lack.

It works as on the real machine, which is tried beside it, or is refused by name.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from platforms import Platform, Simulated

from grader.errors import NotSimulated

HAS_EVENT_LOOP = sys.version_info >= (3, 13)
HAS_CALL_GRAPHS = sys.version_info >= (3, 14)
HAS_GROUP_CANCEL = sys.version_info >= (3, 15)
LOOP_CLASSES = ["SelectorEventLoop"] + (["EventLoop"] if HAS_EVENT_LOOP else [])


# -- how loops are made ----------------------------------------------------------------------------
async def _two_sleeps() -> float:
    """Seconds that two sleeps beside each other take: a loop, its clock and its selector at work."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    await asyncio.gather(asyncio.sleep(0.01), asyncio.sleep(0.02))
    return loop.time() - before


def _with_new_event_loop() -> float:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_two_sleeps())
    finally:
        loop.close()


def _with_a_runner() -> float:
    with asyncio.Runner() as runner:
        return runner.run(_two_sleeps())


def _with_a_class(name: str) -> float:
    with asyncio.Runner(loop_factory=getattr(asyncio, name)) as runner:
        return runner.run(_two_sleeps())


def _with_a_policy() -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from 3.14 on
        try:
            asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
            return _with_new_event_loop()
        finally:
            asyncio.set_event_loop_policy(None)


WAYS: dict[str, Callable[[], float]] = {
    "run": lambda: asyncio.run(_two_sleeps()),
    "new_event_loop": _with_new_event_loop,
    "a runner": _with_a_runner,
    "a policy": _with_a_policy,
    **{name: (lambda name=name: _with_a_class(name)) for name in LOOP_CLASSES},  # type: ignore[misc]  # bound early
}


@pytest.mark.parametrize("way", WAYS)
def test_a_loop_is_made_and_runs(platform: Platform, way: str) -> None:
    """Nothing that asyncio asks of the system at start-up is refused."""
    took_s = WAYS[way]()
    assert took_s >= 0.0199
    if isinstance(platform, Simulated):
        assert took_s == pytest.approx(0.02)


def test_a_child_process_is_awaited_in_a_loop_of_the_stock_class(platform: Platform) -> None:
    """Its watcher asks for a descriptor of the process; a world without programs is refused by name."""

    async def main() -> int:
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        return await child.wait()

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        if isinstance(platform, Simulated):
            with pytest.raises(NotSimulated, match="programs"):
                runner.run(main())
        else:
            assert runner.run(main()) == 0


def test_get_event_loop_without_a_loop_does_what_this_python_does(platform: Platform) -> None:
    """It makes one in the main thread, with a warning or without; from 3.14 on it raises RuntimeError."""
    asyncio.set_event_loop(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.set_event_loop_policy(None)
        if sys.version_info >= (3, 14):
            with pytest.raises(RuntimeError, match="no current event loop in thread 'MainThread'"):
                asyncio.get_event_loop()
            return
        loop = asyncio.get_event_loop()
    try:
        assert loop.run_until_complete(_two_sleeps()) >= 0.0199
    finally:
        loop.close()
        asyncio.set_event_loop(None)


# -- new in asyncio --------------------------------------------------------------------------------
@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in 3.12")
def test_eager_tasks_run_until_they_wait(platform: Platform) -> None:
    seen: list[str] = []

    async def step(name: str) -> None:
        seen.append(name)
        await asyncio.sleep(0)
        seen.append(f"{name} again")

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        first = asyncio.create_task(step("first"))
        seen.append("made")
        await first

    asyncio.run(main())
    assert seen == ["first", "made", "first again"]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
def test_a_task_of_a_group_can_start_eagerly(platform: Platform) -> None:
    seen: list[str] = []

    async def step() -> None:
        seen.append("begun")

    async def main() -> bool:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(step(), eager_start=True)
            seen.append("made")
            return task.done()

    assert asyncio.run(main())
    assert seen == ["begun", "made"]


@pytest.mark.skipif(not HAS_CALL_GRAPHS, reason="new in 3.14")
def test_the_call_graph_shows_who_waits_for_whom(platform: Platform) -> None:
    async def inner(said: io.StringIO) -> list[str]:
        asyncio.print_call_graph(file=said)
        graph = asyncio.capture_call_graph()
        return [frame.frame.f_code.co_name for waiting in graph.awaited_by for frame in waiting.call_stack]

    async def outer(said: io.StringIO) -> list[str]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(inner(said), name="inner one")
        return task.result()

    said = io.StringIO()
    assert "outer" in asyncio.run(outer(said))
    assert "Task(name='inner one'" in said.getvalue()
    assert "Awaited by:" in said.getvalue()


@pytest.mark.skipif(not HAS_GROUP_CANCEL, reason="new in 3.15")
def test_a_task_group_is_cancelled_without_an_error(platform: Platform) -> None:
    async def main() -> tuple[bool, float]:
        loop = asyncio.get_running_loop()
        before = loop.time()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(asyncio.sleep(9))
            await asyncio.sleep(0.01)
            group.cancel()
        return task.cancelled(), loop.time() - before

    cancelled, took_s = asyncio.run(main())
    assert cancelled
    assert took_s < 5


# -- new in the modules below it -------------------------------------------------------------------
@pytest.mark.skipif(not hasattr(os, "readinto"), reason="new in 3.14")
def test_a_pipe_is_read_into_a_buffer(platform: Platform) -> None:
    read_fd, write_fd = os.pipe()
    os.write(write_fd, b"abc")
    buffer = bytearray(5)
    assert os.readinto(read_fd, buffer) == 3
    assert bytes(buffer) == b"abc\0\0"
    os.close(write_fd)
    assert os.readinto(read_fd, buffer) == 0
    os.close(read_fd)


def _start_an_interpreter() -> Any:
    from concurrent import interpreters

    return interpreters.create()


def _start_a_pool_of_interpreters() -> Any:
    from concurrent.futures import InterpreterPoolExecutor

    return InterpreterPoolExecutor(1)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
@pytest.mark.parametrize("ask", [_start_an_interpreter, _start_a_pool_of_interpreters])
def test_other_interpreters_are_refused_by_name(world: Simulated, ask: Callable[[], Any]) -> None:
    """Nothing in them would be simulated."""
    with pytest.raises(NotSimulated, match="nterpreter"):
        ask()


@pytest.mark.skipif(not hasattr(os, "statx"), reason="new in 3.15")
def test_statx_is_refused_by_name(world: Simulated) -> None:
    with pytest.raises(NotSimulated, match=r"os\.statx"):
        os.statx("/", os.STATX_SIZE)


def test_the_table_of_patches_is_made_without_a_warning() -> None:
    """Deprecated names are not looked at: a learner would be shown our warnings."""
    script = "from grader.sim.patches import whole_library; whole_library()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

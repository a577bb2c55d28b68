"""Deadlines are met: whoever has waited until an instant and looks again reads that instant."""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime
import math
import queue
import sched
import select
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import Simulated

from grader.errors import BusyLoop
from grader.sim.readings import FREE_LOOKS

STARTS = st.one_of(
    st.integers(0, 10**6).map(lambda ms: ms * 10**6), st.integers(0, 10**14), st.integers(0, 10**10)
)
DELAYS = st.one_of(
    st.floats(0, 1e5), st.floats(0, 1), st.sampled_from((0.1, 0.2, 0.3, 1 / 3, 1e-9, 1.5e-9, 1e-12, 5e-324))
)
MANY = settings(max_examples=150, deadline=None)
MOST_TURNS = 2
"""A difference of floats may be rounded, so that a second wait, of no length, is needed."""
CLOCKS: dict[str, Callable[[], float]] = {
    "monotonic": lambda: time.monotonic(),
    "perf_counter": lambda: time.perf_counter(),
    "time": lambda: time.time(),
    "loop": lambda: asyncio.get_running_loop().time(),
}


@MANY
@given(start_ns=STARTS, delay=DELAYS, clock=st.sampled_from(("monotonic", "perf_counter", "time")))
def test_who_sleeps_until_due_and_looks_again_is_due(start_ns: int, delay: float, clock: str) -> None:
    with Simulated().running() as world:
        world.kernel.advance_to(start_ns)
        read, turns = CLOCKS[clock], 0
        due = read() + delay
        while (left := due - read()) > 0:
            time.sleep(left)
            turns += 1
        assert turns <= MOST_TURNS
        step_ns = math.ulp(due) * 10**9
        assert world.kernel.now_ns <= start_ns + delay * 10**9 + 1 + step_ns


@MANY
@given(start_ns=STARTS, delay=DELAYS, clock=st.sampled_from(("monotonic", "time", "loop")))
def test_a_coroutine_that_sleeps_until_due_is_due(start_ns: int, delay: float, clock: str) -> None:
    async def main() -> int:
        read, turns = CLOCKS[clock], 0
        due = read() + delay
        while (left := due - read()) > 0:
            await asyncio.sleep(left)
            turns += 1
        return turns

    with Simulated().running() as world:
        world.kernel.advance_to(start_ns)
        assert asyncio.run(main()) <= MOST_TURNS


@MANY
@given(start_ns=STARTS, delay=DELAYS)
def test_what_the_loop_calls_at_an_instant_is_not_called_before_it(start_ns: int, delay: float) -> None:
    async def main() -> None:
        loop, called = asyncio.get_running_loop(), asyncio.Event()
        due, seen = loop.time() + delay, []

        def call() -> None:
            seen.append(loop.time())
            called.set()

        loop.call_at(due, call)
        await called.wait()
        assert seen[0] >= due
        later = loop.time() + delay
        try:
            async with asyncio.timeout_at(later):
                await asyncio.sleep(math.inf)
        except TimeoutError:
            assert loop.time() >= later

    with Simulated().running() as world:
        world.kernel.advance_to(start_ns)
        asyncio.run(main())


def test_sums_of_tenths_end_at_whole_tenths(world: Simulated) -> None:
    """The noise of floats, as in 0.1 + 0.2, is no length: a thousand ticks come to the nanosecond."""

    async def main() -> list[int]:
        loop, seen = asyncio.get_running_loop(), []
        due = loop.time()
        for _ in range(1000):
            due += 0.1
            await asyncio.sleep(due - loop.time())
            seen.append(world.kernel.now_ns)
        return seen

    assert asyncio.run(main()) == [tick * 10**8 for tick in range(1, 1001)]


# -- every way to wait with a timeout --------------------------------------------------------------
def _as_completed(left: float) -> None:
    never: concurrent.futures.Future[None] = concurrent.futures.Future()
    with pytest.raises(TimeoutError):
        list(concurrent.futures.as_completed([never], timeout=left))


def _handle_request(left: float) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        server.timeout = left  # type: ignore[assignment]  # typeshed wants None
        server.handle_request()


def _queue_get(left: float) -> None:
    with pytest.raises(queue.Empty):
        queue.Queue[None]().get(timeout=left)


def _queue_put(left: float) -> None:
    full = queue.Queue[None](1)
    full.put(None)
    with pytest.raises(queue.Full):
        full.put(None, timeout=left)


def _simple_queue_get(left: float) -> None:
    with pytest.raises(queue.Empty):
        queue.SimpleQueue[None]().get(timeout=left)


def _barrier(left: float) -> None:
    with pytest.raises(threading.BrokenBarrierError):
        threading.Barrier(2).wait(timeout=left)


def _condition(left: float) -> None:
    condition = threading.Condition()
    with condition:
        assert not condition.wait_for(lambda: False, timeout=left)


def _future(left: float) -> None:
    with pytest.raises(TimeoutError):
        concurrent.futures.Future[None]().result(timeout=left)


def _socket(left: float) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(left)
        with pytest.raises(TimeoutError):
            one.recv(1)


def _poll(left: float) -> None:
    select.poll().poll(left * 1000)


def _scheduler(left: float) -> None:
    scheduler = sched.scheduler()
    scheduler.enter(left, 1, lambda: None)
    scheduler.run()


WAITS: dict[str, Callable[[float], Any]] = {
    "time.sleep": time.sleep,
    "queue.Queue.get": _queue_get,
    "queue.Queue.put": _queue_put,
    "queue.SimpleQueue.get": _simple_queue_get,
    "Condition.wait_for": _condition,
    "Event.wait": lambda left: threading.Event().wait(left),
    "Semaphore.acquire": lambda left: threading.Semaphore(0).acquire(timeout=left),
    "Barrier.wait": _barrier,
    "Future.result": _future,
    "as_completed": _as_completed,
    "concurrent.futures.wait": lambda left: concurrent.futures.wait([concurrent.futures.Future()], left),
    "handle_request": _handle_request,
    "select.select": lambda left: select.select([], [], [], left),
    "select.poll": _poll,
    "socket.settimeout": _socket,
    "sched": _scheduler,
}


@pytest.mark.parametrize("name", WAITS)
@settings(max_examples=12, deadline=None)
@given(start_ns=STARTS, delay=st.sampled_from((0.1, 0.2, 0.3, 1 / 3, 0.7, 1.1)))
def test_every_wait_with_a_timeout_ends_when_it_is_due(name: str, start_ns: int, delay: float) -> None:
    with Simulated().running() as world:
        world.kernel.advance_to(start_ns)
        wait = time.sleep if name == "time.sleep" else WAITS[name]
        due, turns = time.monotonic() + delay, 0
        while (left := due - time.monotonic()) > 0:
            wait(left)
            turns += 1
        assert turns <= MOST_TURNS
        assert abs(world.kernel.now_ns - start_ns - delay * 10**9) < 2


@pytest.mark.parametrize("name", [name for name in WAITS if name != "time.sleep"])
def test_waits_end_after_other_waits_too(name: str, world: Simulated) -> None:
    """`queue.get(timeout=0.2)` after a sleep of 0.1 s had its deadline between two nanoseconds."""
    for _ in range(20):
        time.sleep(0.1)
        before_ns = world.kernel.now_ns
        WAITS[name](0.2)
        assert world.kernel.now_ns - before_ns == 200_000_000


def test_a_calendar_is_due_too(world: Simulated) -> None:
    for start_us in (0, 100, 333_333, 500_000):
        time.sleep(start_us / 1e6 + 0.5e-6)
        due = datetime.datetime.now() + datetime.timedelta(seconds=0.3)
        turns = 0
        while (left := due - datetime.datetime.now()) > datetime.timedelta():
            time.sleep(left.total_seconds())
            turns += 1
        assert turns <= MOST_TURNS


# -- looking ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["monotonic", "perf_counter", "process_time", "time"])
def test_after_a_hundred_looks_each_reads_the_next_float(name: str, world: Simulated) -> None:
    time.sleep(1.5)
    seen = [getattr(time, name)() for _ in range(FREE_LOOKS + 50)]
    assert set(seen[:FREE_LOOKS]) == {seen[0]}
    for before, after in zip(seen[FREE_LOOKS - 1 :], seen[FREE_LOOKS:], strict=False):
        assert after == math.nextafter(before, math.inf)
    assert time.monotonic_ns() == world.kernel.now_ns == 1_500_000_000


def test_a_loop_reads_the_next_float_too_and_waits_take_as_long_as_ever(world: Simulated) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while loop.time() == before:
            pass
        await asyncio.sleep(1)

    asyncio.run(main())
    assert world.kernel.now_ns == 10**9


def test_readings_stay_below_the_next_deadline_and_never_go_back(world: Simulated) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        due, woken = time.time() + 1e-5, asyncio.Event()
        loop.call_at(loop.time() + 1e-5, woken.set)
        last = 0.0
        for _ in range(1000):  # each step of this clock is 238 ns long: it would go too far in 42
            assert last <= (last := time.time()) <= due
        await woken.wait()
        assert time.time() >= last

    asyncio.run(main())


@pytest.mark.parametrize("name", ["monotonic", "time", "monotonic_ns", "time_ns", "perf_counter"])
def test_a_loop_that_only_looks_is_a_busy_loop(name: str, world: Simulated) -> None:
    read = getattr(time, name)
    second = 10**9 if name.endswith("_ns") else 1
    with pytest.raises(BusyLoop, match="10000 looks"):
        due = read() + second
        while read() < due:
            pass


def test_a_thread_that_only_looks_is_a_busy_loop(world: Simulated) -> None:
    def spin() -> None:
        while time.monotonic() < 1:
            pass

    with pytest.raises(BusyLoop, match="10000 looks"):
        threading.Thread(target=spin).start()


def test_ten_thousand_tasks_that_sleep_are_no_busy_loop(world: Simulated) -> None:
    async def nap() -> None:
        async with asyncio.timeout(5):
            await asyncio.sleep(1)

    async def main() -> None:
        await asyncio.gather(*(nap() for _ in range(10_001)))

    asyncio.run(main())
    assert world.kernel.now_ns == 10**9


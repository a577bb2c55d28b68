"""The kernel: one clock, one thread at a time, and the same run every time."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import SECOND_NS, Aside, Simulated

from grader.errors import BusyLoop, Deadlock, WorldEnded
from grader.sim.kernel import Alone, Flag, Kernel, Source


class Counted(Source):
    """A source that counts how often it is asked."""

    __slots__ = ("asked", "is_set")

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.asked = 0
        self.is_set = False

    def ready(self) -> bool:
        self.asked += 1
        return self.is_set


# -- waiting ---------------------------------------------------------------------------------------
@given(lengths=st.lists(st.integers(0, 10**12), max_size=20))
def test_time_passes_only_in_waits_and_exactly(lengths: list[int]) -> None:
    kernel = Kernel(Alone())
    for length in lengths:
        before = kernel.now_ns
        assert kernel.wait(before + length) is False
        assert kernel.now_ns == before + length


def test_a_ready_source_costs_no_time_and_a_late_one_its_lateness() -> None:
    kernel = Kernel(Alone())
    flag = Flag(kernel)
    kernel.call_at(700, flag.set)
    assert kernel.wait(500, flag) is False
    assert kernel.wait(1000, flag) is True
    assert kernel.now_ns == 700
    assert kernel.wait(None, flag) is True
    assert kernel.now_ns == 700


def test_the_clock_never_goes_back() -> None:
    kernel = Kernel(Alone())
    kernel.advance_to(5)
    with pytest.raises(ValueError, match="back"):
        kernel.advance_to(4)
    late: list[tuple[str, int]] = []
    kernel.call_at(5, lambda: late.append(("due now", kernel.now_ns)))
    kernel.call_at(1, lambda: late.append(("due before", kernel.now_ns)))
    kernel.wait(6)
    assert late == [("due now", 5), ("due before", 5)]


@given(instants=st.lists(st.integers(0, 50), max_size=30))
def test_events_run_in_the_order_of_their_instants_then_of_their_making(instants: list[int]) -> None:
    kernel, seen = Kernel(Alone()), []
    for index, instant in enumerate(instants):
        kernel.call_at(instant, lambda pair: seen.append((pair, kernel.now_ns)), (instant, index))
    kernel.wait(100)
    expected = sorted((instant, index) for index, instant in enumerate(instants))
    assert seen == [((instant, index), instant) for instant, index in expected]


def test_seconds_become_whole_nanoseconds_rounded_up() -> None:
    kernel = Kernel(Alone())
    assert kernel.after(0.1) == kernel.after(0.1 + 0.2 - 0.2) == 100_000_000
    assert kernel.after(1e-9) == kernel.after(1e-12) == 1
    assert kernel.after(1.5e-9) == 2
    assert kernel.after(1 / 3) == 333_333_334
    assert kernel.after(0) == kernel.after(-1) == 0


# -- ends ------------------------------------------------------------------------------------------
def test_waiting_for_what_cannot_come_is_a_deadlock_at_once() -> None:
    kernel = Kernel(Alone())
    with pytest.raises(Deadlock):
        kernel.wait(None, Flag(kernel))
    with pytest.raises(Deadlock):
        kernel.wait(None)
    assert kernel.now_ns == 0


def test_steps_without_time_are_a_busy_loop_and_time_forgives_them() -> None:
    kernel = Kernel(Alone(), steps_per_instant=10)
    for _ in range(5):
        for _ in range(9):
            kernel.wait(kernel.now_ns)
        kernel.wait(kernel.now_ns + 1)
    with pytest.raises(BusyLoop):
        for _ in range(11):
            kernel.wait(kernel.now_ns)


def test_a_loop_that_yields_for_ever_is_a_busy_loop() -> None:
    world = Simulated(steps=1000)

    async def main() -> None:
        while True:  # noqa: ASYNC110  # the mistake that this is about
            await asyncio.sleep(0)

    with pytest.raises(BusyLoop):
        world.run(main)
    assert world.kernel.now_ns == 0


def test_a_task_that_waits_for_nobody_is_a_deadlock(world: Simulated) -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_later(3, int)
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        asyncio.run(main())
    assert world.now_s == 3


def test_nothing_waits_in_a_world_that_has_ended() -> None:
    kernel = Kernel(Alone())
    kernel.end()
    kernel.end()
    with pytest.raises(WorldEnded):
        kernel.wait(0)
    with pytest.raises(RuntimeError):
        kernel.start_thread("late", lambda: None)


# -- threads ---------------------------------------------------------------------------------------
def test_threads_run_one_at_a_time_and_switch_only_in_waits() -> None:
    kernel = Kernel(Alone())
    inside: list[str] = []

    def body(name: str) -> Callable[[], None]:
        def run() -> None:
            for turn in range(3):
                inside.append(f"{name}{turn} in")
                sum(range(20_000))
                inside.append(f"{name}{turn} out")
                kernel.wait(kernel.now_ns)

        return run

    for name in "abc":
        kernel.start_thread(name, body(name))
    kernel.wait(1)
    turns = [f"{name}{turn} {way}" for turn in range(3) for name in "abc" for way in ("in", "out")]
    assert inside == turns


def test_no_thread_starves() -> None:
    """Of threads that yield all the time each has its turn in every round."""
    kernel = Kernel(Alone())
    turns = [0] * 10
    for number in range(10):

        def run(number: int = number) -> None:
            while turns[number] < 100:
                turns[number] += 1
                assert max(turns) - min(turns) <= 1
                kernel.wait(kernel.now_ns)

        kernel.start_thread(str(number), run)
    kernel.wait(1)
    assert turns == [100] * 10


def test_an_interruption_runs_inside_a_wait_which_then_goes_on() -> None:
    kernel = Kernel(Alone())
    seen: list[int] = []
    kernel.call_at(3, lambda: kernel.interrupt(kernel.main, lambda: seen.append(kernel.now_ns)))
    assert kernel.wait(10) is False
    assert (seen, kernel.now_ns) == ([3], 10)


# -- the same every time ---------------------------------------------------------------------------
def busy_world(seed: int) -> list[tuple[int, str]]:
    """Threads, tasks, locks and packets with chances drawn from a seed; what happened when."""
    world, rng = Simulated(seed), random.Random(seed)
    log: list[tuple[int, str]] = []
    world.net.add_host("far", latency_ns=3_000_000, jitter_ns=2_000_000, loss=0.2)

    def note(what: str) -> None:
        log.append((world.kernel.now_ns, what))

    def in_a_thread(name: str, lock: Any) -> None:
        for _ in range(5):
            with lock:
                note(f"{name} {threading.get_ident()}")
                time.sleep(rng.random())

    async def ask(port: int, number: int) -> None:
        await asyncio.sleep(rng.random())
        reader, writer = await asyncio.open_connection("far", port)
        writer.write(b"%d\n" % number)
        note(repr(await reader.readline()))
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        await asyncio.sleep(rng.random())
        writer.write(line)
        writer.close()

    async def main() -> None:
        far = world.net.host("far")
        assert far is not None
        lock = threading.Lock()
        server = await asyncio.start_server(answer, far.address, 7000)
        async with server, asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(ask(7000, number))
                group.create_task(asyncio.to_thread(in_a_thread, f"t{number}", lock))
        note("end")

    world.run(main)
    return log


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_run_is_a_pure_function_of_its_seed(seed: int) -> None:
    first = busy_world(seed)
    assert busy_world(seed) == first
    assert len(first) == 61


def test_other_seeds_give_other_runs() -> None:
    assert busy_world(1) != busy_world(2)


# -- what idle things cost -------------------------------------------------------------------------
def steps_of(world: Simulated, body: Callable[[], None]) -> int:
    """How many Python functions of the simulation are called while the body runs."""
    import sys

    count = 0

    def counting(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        if event == "call" and "/grader/sim/" in frame.f_code.co_filename:
            count += 1

    sys.setprofile(counting)
    try:
        body()
    finally:
        sys.setprofile(None)
    return count


def exchange() -> None:
    """Something to do meanwhile: a hundred bytes through a pair, each in its turn."""
    one, two = socket.socketpair()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for sock in (one, two):
            sock.setblocking(False)
        for _ in range(50):
            await loop.sock_sendall(one, b"x")
            await loop.sock_recv(two, 1)
            await asyncio.sleep(0.001)

    with one, two:
        asyncio.run(main())


def steps_beside(idle: Callable[[int], Any], count: int) -> int:
    world = Simulated(threads=10_001)
    world.machine.descriptors.max_open = 50_000
    with world.running():
        kept = idle(count)
        steps = steps_of(world, exchange)
        del kept
    return steps


def idle_sockets(count: int) -> Any:
    """Listeners that a selector watches, besides the one in use."""
    from grader.sim.shims.selectors import DefaultSelector

    selector, sockets = DefaultSelector(), [socket.create_server(("", 0)) for _ in range(count)]
    for sock in sockets:
        selector.register(sock, 1)
    return selector, sockets


def idle_timers(count: int) -> Any:
    from grader.sim import world

    kernel = world.current().kernel
    for number in range(count):
        kernel.call_at(1000 * SECOND_NS + number, int)


@pytest.mark.parametrize("idle", [idle_sockets, idle_timers], ids=["sockets", "events"])
def test_ten_thousand_idle_things_add_nothing_to_a_wait(idle: Callable[[int], Any]) -> None:
    """Counted in calls, not in time."""
    assert steps_beside(idle, 10_000) == steps_beside(idle, 10)


def test_ten_thousand_idle_tasks_add_nothing_to_a_wait() -> None:
    def steps(count: int) -> int:
        world, found = Simulated(), []

        async def main() -> None:
            never = asyncio.Event()
            tasks = [asyncio.create_task(never.wait()) for _ in range(count)]
            await asyncio.sleep(1)

            def wait_often() -> None:
                for _ in range(100):
                    time.sleep(0.001)

            found.append(steps_of(world, wait_often))
            for task in tasks:
                task.cancel()

        world.run(main)
        return found[0]

    assert steps(10_000) == steps(10)


def test_a_thousand_parked_threads_add_nothing_to_a_wait_or_a_wake() -> None:
    """Parked on one lock, on one event and in joins: a release wakes the one that can have it."""

    def steps(count: int) -> int:
        world = Simulated(threads=count + 10)
        with world.running():
            lock, never = threading.Lock(), threading.Event()
            lock.acquire()
            before = threading.stack_size(256 * 1024)
            try:
                for number in range(count):
                    Aside(never.wait if number % 2 else lock.acquire)
            finally:
                threading.stack_size(before)
            taken = steps_of(world, exchange)
            return taken + steps_of(world, lock.release)

    assert steps(1_000) == steps(10)


def test_a_wait_asks_its_source_and_no_other() -> None:
    kernel = Kernel(Alone(), max_threads=200)
    idle, used = [Counted(kernel) for _ in range(100)], Flag(kernel)

    def wait_for(source: Source) -> Callable[[], None]:
        return lambda: kernel.wait(None, source) and None

    for source in idle:
        kernel.start_thread("idle", wait_for(source))
    kernel.wait(1)
    asked = [source.asked for source in idle]
    for instant in range(2, 50):
        kernel.call_at(instant, used.set)
        kernel.wait(instant, used)
    assert [source.asked for source in idle] == asked
    kernel.end()

"""Threads: the same on this machine and on the simulated one; and what the virtual clock adds."""

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import functools
import gc
import multiprocessing
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platforms import Aside, Platform, Simulated

from grader.errors import BusyLoop, Deadlock, NotSimulated, WorldEnded

BOTH = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def eventually(seen: Callable[[], bool]) -> None:
    """Let the other threads go on until that is seen, which takes as long as it takes."""
    while not seen():
        time.sleep(0.0001)


# -- locks -----------------------------------------------------------------------------------------
LOCKS = [lambda: threading.Lock(), lambda: _thread.allocate_lock()]


@pytest.mark.parametrize("make", LOCKS, ids=["threading", "_thread"])
def test_a_lock_is_held_by_one_at_a_time(platform: Platform, make: Callable[[], Any]) -> None:
    lock = make()
    assert not lock.locked()
    with lock:
        assert lock.locked()
        assert not lock.acquire(blocking=False)
        assert not lock.acquire(timeout=0)
        assert Aside(lambda: lock.acquire(False)).result() is False
        assert repr(lock).startswith("<locked _thread.lock object at 0x")
    with pytest.raises(RuntimeError, match="release unlocked lock"):
        lock.release()


@pytest.mark.parametrize(
    "arguments, error",
    [
        ((False, 1), ValueError),
        ((True, -2), ValueError),
        ((True, 1e20), OverflowError),
        ((True, "1"), TypeError),
    ],
)
def test_nonsense_timeouts_are_refused(platform: Platform, arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        threading.Lock().acquire(*arguments)


def test_a_lock_goes_to_those_who_wait_in_the_order_in_which_they_came(world: Simulated) -> None:
    lock, order = threading.Lock(), []

    def take(number: int) -> None:
        with lock:
            order.append(number)
            time.sleep(1)

    with lock:
        threads = [Aside(take, number) for number in range(5)]
        time.sleep(1)
    for thread in threads:
        thread.result()
    assert order == [0, 1, 2, 3, 4]
    assert world.now_s == 6


def test_a_reentrant_lock_counts_its_owner_only(platform: Platform) -> None:
    lock = threading.RLock()
    with lock, lock:
        assert Aside(lambda: lock.acquire(blocking=False)).result() is False
    assert Aside(lambda: lock.acquire(blocking=False)).result() is True
    with pytest.raises(RuntimeError):
        lock.release()


def test_a_condition_wakes_as_many_as_it_is_told(platform: Platform) -> None:
    condition, asleep, awake = threading.Condition(), [], []

    def wait(number: int) -> None:
        with condition:
            asleep.append(number)
            condition.wait()
            awake.append(number)

    waiting = [Aside(wait, number) for number in range(4)]
    eventually(lambda: len(asleep) == 4)
    for count, so_far in ((1, 1), (2, 3)):
        with condition:
            assert len(awake) <= so_far
            condition.notify(count)
        eventually(lambda so_far=so_far: len(awake) == so_far)
    with condition:
        condition.notify_all()
    for one in waiting:
        one.result()
    with pytest.raises(RuntimeError):
        condition.notify()


def test_events_barriers_and_semaphores_keep_their_promises(platform: Platform) -> None:
    event, barrier, semaphore = threading.Event(), threading.Barrier(3), threading.BoundedSemaphore(2)

    def run() -> tuple[bool, int]:
        event.wait()
        with semaphore:
            pass
        return event.is_set(), barrier.wait()

    running = [Aside(run) for _ in range(3)]
    assert not event.wait(0.001)
    event.set()
    results = [one.result() for one in running]
    assert sorted(results) == [(True, 0), (True, 1), (True, 2)]
    with pytest.raises(ValueError):
        semaphore.release()
    breaking = Aside(barrier.wait)
    eventually(lambda: barrier.n_waiting == 1)
    barrier.abort()
    with pytest.raises(threading.BrokenBarrierError):
        breaking.result()


# -- threads ---------------------------------------------------------------------------------------
def test_a_thread_lives_from_start_to_the_end_of_its_work(platform: Platform) -> None:
    go = threading.Event()
    thread = threading.Thread(target=go.wait, name="worker", daemon=True)
    assert not thread.is_alive()
    assert thread.ident is None
    with pytest.raises(RuntimeError):
        thread.join()
    thread.start()
    with pytest.raises(RuntimeError):
        thread.start()
    assert thread.is_alive()
    assert thread in threading.enumerate()
    assert repr(thread).startswith("<Thread(worker, started daemon ")
    thread.join(0.001)
    assert thread.is_alive()
    go.set()
    thread.join()
    thread.join()
    assert not thread.is_alive()
    assert thread not in threading.enumerate()
    assert repr(thread).startswith("<Thread(worker, stopped daemon ")


def test_a_thread_knows_itself_and_cannot_join_itself(platform: Platform) -> None:
    def look() -> tuple[bool, bool, bool, str]:
        me = threading.current_thread()
        try:
            me.join()
        except RuntimeError as error:
            return me.ident == threading.get_ident(), me.is_alive(), me.daemon, str(error)
        raise AssertionError("joined itself")

    same, alive, daemon, error = Aside(look).result()
    assert (same, alive, daemon) == (True, True, True)
    assert error.lower() == "cannot join current thread"
    assert threading.main_thread().is_alive()


def test_locals_and_their_end_belong_to_one_thread(platform: Platform) -> None:
    """What a thread kept for itself is gone when it has been joined."""
    local, gone = threading.local(), []

    class Kept:
        def __del__(self) -> None:
            for _ in range(500_000):  # Long enough for a thread that did not wait to be seen not waiting.
                pass
            gone.append(threading.get_ident() > 0)

    def keep() -> None:
        local.value = Kept()

    local.value = "main"
    Aside(keep).result()
    assert gone == [True]
    assert local.value == "main"


def test_an_exception_in_a_thread_goes_to_the_hook_and_stops_nobody(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append((args.exc_type, args.thread.name)))
    thread = threading.Thread(target=lambda: 1 / 0, name="broken")
    thread.start()
    thread.join()
    quiet = threading.Thread(target=sys.exit)
    quiet.start()
    quiet.join()
    assert (ZeroDivisionError, "broken") in told


def test_bare_threads_run_and_say_how_they_died(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    """`_thread.start_new_thread`, without an object and without a join."""
    done = threading.Event()
    number = _thread.start_new_thread(done.set, ())
    assert done.wait(5)
    assert isinstance(number, int)
    with pytest.raises(TypeError):
        _thread.start_new_thread("not callable", ())  # type: ignore[call-overload]  # wrong on purpose


def test_a_dying_bare_thread_is_reported_on_stderr(
    world: Simulated, capsys: pytest.CaptureFixture[str]
) -> None:
    _thread.start_new_thread(lambda: 1 / 0, ())
    _thread.start_new_thread(sys.exit, ())
    time.sleep(1)
    said = capsys.readouterr().err
    assert said.startswith("Exception ignored in thread started by")
    assert said.count("ZeroDivisionError: division by zero") == 1
    assert "SystemExit" not in said


def test_a_timer_fires_once_unless_it_is_cancelled(platform: Platform) -> None:
    fired = threading.Event()
    timer, cancelled = threading.Timer(0.001, fired.set), threading.Timer(30, fired.set)
    timer.start()
    cancelled.start()
    cancelled.cancel()
    cancelled.join()
    timer.join()
    assert fired.is_set()


def test_threads_are_numbered_in_the_order_of_their_starting(world: Simulated) -> None:
    """Their identities are the same in every run, so that nothing can depend on the machine."""
    idents = [Aside(threading.get_ident).result() for _ in range(3)]
    assert idents == [2, 3, 4]
    assert threading.get_ident() == threading.main_thread().ident == 1
    assert threading.get_native_id() == 1


def test_a_machine_allows_so_many_threads(platform: Platform) -> None:
    if isinstance(platform, Simulated):
        platform.kernel.max_threads = 3
        go = threading.Event()
        kept = [Aside(go.wait) for _ in range(3)]
        with pytest.raises(RuntimeError, match="can't start new thread"):
            threading.Thread(target=go.wait).start()
        go.set()
        for one in kept:
            one.result()
    assert Aside(lambda: 1).result() == 1


# -- queues ----------------------------------------------------------------------------------------
@BOTH
@given(items=st.lists(st.integers(), max_size=20), size=st.integers(0, 3), workers=st.integers(1, 4))
def test_queues_hand_on_every_item_once(
    platform: Platform, items: list[int], size: int, workers: int
) -> None:
    todo: queue.Queue[int | None] = queue.Queue(size)
    done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def work() -> None:
        while (item := todo.get()) is not None:
            done.put(item)
            todo.task_done()

    running = [Aside(work) for _ in range(workers)]
    for item in items:
        todo.put(item)
    todo.join()
    for _ in range(workers):
        todo.put(None)
    for one in running:
        one.result()
    assert sorted(done.get_nowait() for _ in items) == sorted(items)
    with pytest.raises(queue.Empty):
        done.get_nowait()


@BOTH
@given(items=st.lists(st.integers(), max_size=20))
def test_queues_have_their_order(platform: Platform, items: list[int]) -> None:
    first, last, least = queue.Queue[int](), queue.LifoQueue[int](), queue.PriorityQueue[int]()
    for one in (first, last, least):
        for item in items:
            one.put(item)
    assert [first.get() for _ in items] == items
    assert [last.get() for _ in items] == items[::-1]
    assert [least.get() for _ in items] == sorted(items)


def test_queues_time_out_exactly(world: Simulated) -> None:
    full: queue.Queue[int] = queue.Queue(1)
    full.put(1)
    with pytest.raises(queue.Full):
        full.put(2, timeout=1.5)
    with pytest.raises(queue.Empty):
        queue.SimpleQueue[int]().get(timeout=0.25)
    assert world.now_s == 1.75


# -- executors -------------------------------------------------------------------------------------
def test_executors_return_results_errors_and_order(platform: Platform) -> None:
    with concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix="pool") as pool:
        assert list(pool.map(lambda x: x * x, range(6))) == [0, 1, 4, 9, 16, 25]
        assert pool.submit(lambda: threading.current_thread().name).result().startswith("pool_")
        failing = pool.submit(lambda: 1 / 0)
        assert isinstance(failing.exception(), ZeroDivisionError)
        nested = pool.submit(lambda: pool.submit(lambda: "inner").result())
        assert nested.result() == "inner"
    with pytest.raises(RuntimeError, match="shutdown"):
        pool.submit(int)


def test_futures_can_be_waited_for_cancelled_and_called_back(platform: Platform) -> None:
    go, called = threading.Event(), []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first, second = pool.submit(go.wait), pool.submit(int)
        second.add_done_callback(lambda future: called.append(future.cancelled()))
        assert second.cancel()
        assert called == [True]
        with pytest.raises(TimeoutError):
            first.result(timeout=0.001)
        third = pool.submit(int)
        assert concurrent.futures.wait([first, third], timeout=0.001) == (set(), {first, third})
        go.set()
        first_done = concurrent.futures.wait([first, third], return_when="FIRST_COMPLETED")
        assert first in first_done.done
        assert sorted(f.result() for f in concurrent.futures.as_completed([first, third])) == [0, True]


def test_executors_overlap_as_many_as_they_have_workers(world: Simulated) -> None:
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(time.sleep, [1] * 7))
    assert world.now_s == 3


def test_the_default_number_of_workers_does_not_depend_on_the_machine(world: Simulated) -> None:
    """One processor, so five workers by default, in pools and in a loop's executor."""
    assert os.cpu_count() == 1
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(time.sleep, [1] * 6))
    assert world.now_s == 2

    async def main() -> None:
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 1) for _ in range(11)))

    asyncio.run(main())
    assert world.now_s == 5


# -- threads and loops -----------------------------------------------------------------------------
def test_a_loop_and_its_threads_talk_both_ways(platform: Platform) -> None:
    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        seen: asyncio.Queue[int] = asyncio.Queue()

        def feed() -> str:
            for number in range(3):
                loop.call_soon_threadsafe(seen.put_nowait, number)
            future = asyncio.run_coroutine_threadsafe(asyncio.sleep(0, "from the loop"), loop)
            return future.result()

        feeding = asyncio.create_task(asyncio.to_thread(feed))
        numbers = [await seen.get() for _ in range(3)]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            own = await loop.run_in_executor(pool, functools.partial(max, 1, 2))
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
        return [numbers, await feeding, own]

    assert asyncio.run(main()) == [[0, 1, 2], "from the loop", 2]


def test_context_reaches_the_thread(platform: Platform) -> None:
    import contextvars

    request = contextvars.ContextVar("request", default="none")

    async def main() -> list[str]:
        request.set("seven")
        loop = asyncio.get_running_loop()
        return [await asyncio.to_thread(request.get), await loop.run_in_executor(None, request.get)]

    assert asyncio.run(main()) == ["seven", "none"]


def test_a_loop_in_another_thread_serves_this_one(platform: Platform) -> None:
    loop = asyncio.new_event_loop()
    running = Aside(loop.run_forever)
    results = [
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.001, number), loop).result() for number in range(3)
    ]
    loop.call_soon_threadsafe(loop.stop)
    running.result()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert results == [0, 1, 2]


def test_the_judges_side_has_no_threads() -> None:
    """There the library is not patched: a real thread would run beside the simulation."""
    world = Simulated()

    async def main() -> None:
        await asyncio.to_thread(int)

    from grader.sim.patches import for_asyncio_only, simulated
    from grader.sim.shims.asyncio_loop import SimLoop

    with (
        simulated(world.machine, for_asyncio_only()),
        asyncio.Runner(loop_factory=lambda: SimLoop(world.machine)) as runner,
        pytest.raises(NotSimulated, match="judge"),
    ):
        runner.run(main())


# -- ends ------------------------------------------------------------------------------------------
def test_a_lock_that_nobody_can_release_is_a_deadlock(world: Simulated) -> None:
    lock = threading.Lock()
    lock.acquire()
    with pytest.raises(Deadlock):
        lock.acquire()


def test_two_threads_with_each_others_lock_are_a_deadlock_told_to_the_main_thread(world: Simulated) -> None:
    one, two = threading.Lock(), threading.Lock()

    def take(first: Any, second: Any) -> None:
        with first:
            time.sleep(1)
            with second:
                raise AssertionError("never")

    threads = [Aside(take, one, two), Aside(take, two, one)]
    with pytest.raises(Deadlock):
        threads[0].result()
    assert world.now_s == 1


def test_a_thread_that_spins_is_a_busy_loop_told_to_the_main_thread() -> None:
    with Simulated(steps=500).running():

        def spin() -> None:
            while True:
                time.sleep(0)

        threading.Thread(target=spin).start()
        with pytest.raises(BusyLoop):
            time.sleep(1)


def test_the_end_of_a_world_unwinds_its_threads_one_at_a_time() -> None:
    """Each runs its clean-up, oldest first, before the world is gone; none says anything."""
    log: list[str] = []
    with Simulated().running():

        def hold(name: str) -> None:
            try:
                threading.Event().wait()
            except WorldEnded:
                log.append(f"{name} told")
                raise
            finally:
                log.append(f"{name} cleaned")

        threads = [threading.Thread(target=hold, args=(name,), name=name) for name in "ab"]
        for thread in threads:
            thread.start()
        pool = concurrent.futures.ThreadPoolExecutor(1)
        pool.submit(int).result()
    assert log == ["a told", "a cleaned", "b told", "b cleaned"]
    assert not [thread for thread in threading.enumerate() if thread in threads]


def test_a_thread_that_swallows_the_end_is_left_behind_and_holds_up_nobody() -> None:
    tries: list[int] = []
    with Simulated().running():

        def never_end() -> None:
            while True:
                try:
                    time.sleep(1)
                except BaseException:
                    tries.append(1)

        threading.Thread(target=never_end, daemon=True).start()
    assert 1 < len(tries) < 1000


def test_locks_of_a_world_that_ended_are_free_again() -> None:
    lock = None
    with Simulated().running():
        lock = threading.Lock()
        lock.acquire()
    assert not lock.locked()
    with Simulated().running(), lock:
        assert lock.locked()
    with lock:
        pass


def test_locks_made_outside_any_world_work_inside_one() -> None:
    """As those of modules that were imported before the world began."""
    with Simulated().running():
        made = threading.Lock
    lock = made()
    with lock:
        pass
    with Simulated().running() as world:

        def hold() -> None:
            with lock:
                time.sleep(2)

        holding = Aside(hold)
        with lock:
            assert world.now_s == 2
        holding.result()


def test_the_real_library_is_back_after_a_world() -> None:
    before = (threading.Lock, threading._active, threading.get_ident, queue.SimpleQueue, os.cpu_count)
    with Simulated().running():
        Aside(int).result()
    assert (threading.Lock, threading._active, threading.get_ident, queue.SimpleQueue, os.cpu_count) == before
    assert Aside(lambda: 5).result() == 5
    assert threading.current_thread() is threading.main_thread()


# -- what is told ----------------------------------------------------------------------------------
class Listening:
    def __init__(self) -> None:
        self.heard: list[tuple[str, int, int]] = []

    def blocked(self, what: str, start_ns: int, end_ns: int) -> None:
        if threading.current_thread() is threading.main_thread():
            self.heard.append((what, start_ns // 10**9, end_ns // 10**9))


def after_a_second(action: Callable[[], Any]) -> threading.Timer:
    timer = threading.Timer(1, action)
    timer.start()
    return timer


def test_waits_are_named_after_what_the_program_called(world: Simulated) -> None:
    """`queue.Queue.get`, not the lock that it is made of."""
    listening = world.kernel.observer = Listening()
    lock, event, things = threading.Lock(), threading.Event(), queue.Queue[int]()
    simple, condition = queue.SimpleQueue[int](), threading.Condition()
    lock.acquire()
    after_a_second(lock.release)
    lock.acquire()
    after_a_second(event.set)
    event.wait()
    after_a_second(lambda: things.put(1))
    things.get()
    after_a_second(lambda: simple.put(1))
    simple.get()
    after_a_second(int).join()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(time.sleep, 1).result()
        pool.submit(time.sleep, 1)
    with condition:
        condition.wait(1)
    threading.Semaphore(0).acquire(timeout=1)
    assert [what for what, _, _ in listening.heard] == [
        "threading.Lock.acquire",
        "threading.Event.wait",
        "queue.Queue.get",
        "queue.SimpleQueue.get",
        "threading.Thread.join",
        "concurrent.futures.Future.result",
        "concurrent.futures.ThreadPoolExecutor.shutdown",
        "threading.Condition.wait",
        "threading.Semaphore.acquire",
    ]
    assert listening.heard[0][1:] == (0, 1)
    assert world.now_s == 9


# -- what there is not -----------------------------------------------------------------------------
def in_a_process() -> None:
    """What a child process would run."""


NOT_THERE: list[tuple[str, Callable[[], Any]]] = [
    ("_thread.interrupt_main", lambda: _thread.interrupt_main()),
    ("multiprocessing", multiprocessing.Lock),
    ("multiprocessing", multiprocessing.Queue),
    ("os.fork", lambda: multiprocessing.get_context("fork").Process(target=in_a_process).start()),
    ("multiprocessing", lambda: concurrent.futures.ProcessPoolExecutor().submit(in_a_process)),
    ("os.fork", lambda: os.fork()),
]


# What multiprocessing had opened before it was refused closes itself with the real `os.close`.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name, use", NOT_THERE)
def test_what_is_not_simulated_says_so_by_name(world: Simulated, name: str, use: Callable[[], Any]) -> None:
    with pytest.raises(NotSimulated, match=name):
        use()
    gc.collect()

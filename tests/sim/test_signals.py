"""Signals: what CPython does with them, on the machine's own clock and on the simulated one."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grader.errors import NotSimulated
from grader.sim.kernel import Alone
from grader.sim.machine import Machine
from grader.sim.patches import simulated
from grader.sim.shims.asyncio_loop import SimLoop

SHORT = 0.02


class SimulatedProcess:
    """A process of a simulated machine, to which the world outside sends signals."""

    def __init__(self) -> None:
        self.machine = Machine(Alone(), steps_per_instant=20_000)

    @contextmanager
    def running(self) -> Iterator[None]:
        with simulated(self.machine):
            yield

    def send_after(self, seconds: float, signum: int) -> None:
        kernel = self.machine.kernel
        kernel.call_at(kernel.after(seconds), self.machine.deliver_signal, signum)

    def in_another_thread(self, body: Callable[[], None]) -> None:
        kernel = self.machine.kernel
        kernel.start_thread("another", body)
        kernel.wait(kernel.now_ns)

    def loop(self) -> asyncio.AbstractEventLoop:
        return SimLoop(self.machine)


class RealProcess:
    """This process: a thread of its own raises the signals."""

    @contextmanager
    def running(self) -> Iterator[None]:
        watched = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
        before = [(number, signal.getsignal(number)) for number in watched]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def send_after(self, seconds: float, signum: int) -> None:
        main = threading.main_thread().ident
        assert main is not None
        threading.Timer(seconds, signal.pthread_kill, (main, signum)).start()

    def in_another_thread(self, body: Callable[[], None]) -> None:
        thread = threading.Thread(target=body)
        thread.start()
        thread.join()

    def loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.new_event_loop()


class SignalBehaviour:
    """What must hold of any process. Subclasses give the process."""

    make: Callable[[], Any]

    @pytest.fixture
    def process(self) -> Iterator[Any]:
        process = type(self).make()
        with process.running():
            yield process

    def run(self, process: Any, main: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=process.loop) as runner:
            return runner.run(main)

    def test_a_handler_runs_at_once_when_the_main_thread_raises_the_signal(self, process: Any) -> None:
        seen: list[Any] = []
        signal.signal(signal.SIGUSR1, lambda number, frame: seen.append((number, frame.f_code.co_name)))
        signal.raise_signal(signal.SIGUSR1)
        assert [number for number, _ in seen] == [signal.SIGUSR1]

    def test_setting_a_handler_returns_the_one_before(self, process: Any) -> None:
        def handler(number: int, frame: Any) -> None: ...

        signal.signal(signal.SIGUSR1, handler)
        assert signal.getsignal(signal.SIGUSR1) is handler
        assert signal.signal(signal.SIGUSR1, signal.SIG_IGN) is handler
        assert signal.signal(signal.SIGUSR1, signal.SIG_DFL) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL

    def test_interrupts_raise_keyboard_interrupt_unless_told_otherwise(self, process: Any) -> None:
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    def test_an_ignored_signal_does_nothing(self, process: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.raise_signal(signal.SIGTERM)

    def test_some_signals_are_ignored_from_the_start(self, process: Any) -> None:
        signal.raise_signal(signal.SIGCHLD)
        signal.raise_signal(signal.SIGWINCH)

    def test_signals_that_cannot_be_caught_and_wrong_ones_are_refused(self, process: Any) -> None:
        with pytest.raises(OSError, match="Invalid argument"):
            signal.signal(signal.SIGKILL, signal.SIG_IGN)
        with pytest.raises(ValueError):
            signal.signal(4_000, signal.SIG_IGN)
        with pytest.raises(TypeError):
            signal.signal(signal.SIGUSR1, "handler")  # type: ignore[arg-type]  # that is the point

    def test_a_sleep_goes_on_after_the_handler(self, process: Any) -> None:
        seen: list[float] = []
        begin = time.monotonic()
        signal.signal(signal.SIGUSR1, lambda *_: seen.append(time.monotonic() - begin))
        process.send_after(SHORT, signal.SIGUSR1)
        time.sleep(3 * SHORT)
        assert seen and seen[0] < 2.9 * SHORT
        assert time.monotonic() - begin >= 3 * SHORT

    def test_a_sleep_ends_when_the_handler_raises(self, process: Any) -> None:
        begin = time.monotonic()
        process.send_after(SHORT, signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(60)
        assert time.monotonic() - begin < 30

    def test_a_loops_handler_is_called_on_the_loop(self, process: Any) -> None:
        async def main() -> list[str]:
            loop, called = asyncio.get_running_loop(), asyncio.Event()
            seen: list[str] = []

            def on_signal(word: str) -> None:
                seen.append(word)
                called.set()

            loop.add_signal_handler(signal.SIGTERM, on_signal, "stop")
            process.send_after(SHORT, signal.SIGTERM)
            await called.wait()
            seen.append(str(loop.remove_signal_handler(signal.SIGTERM)))
            seen.append(str(loop.remove_signal_handler(signal.SIGTERM)))
            return seen

        assert self.run(process, main()) == ["stop", "True", "False"]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    def test_the_first_interrupt_cancels_the_main_task(self, process: Any) -> None:
        seen: list[str] = []

        async def main() -> None:
            process.send_after(SHORT, signal.SIGINT)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                seen.append("cancelled")
                await asyncio.sleep(0)
                seen.append("cleaned up")
                raise

        with pytest.raises(KeyboardInterrupt):
            self.run(process, main())
        assert seen == ["cancelled", "cleaned up"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_an_interrupt_reaches_a_blocked_loops_task_once_it_is_free(self, process: Any) -> None:
        seen: list[str] = []

        async def main() -> None:
            process.send_after(SHORT, signal.SIGINT)
            time.sleep(3 * SHORT)  # noqa: ASYNC251  # blocking the loop is what this is about
            seen.append("slept on")
            await asyncio.sleep(60)

        with pytest.raises(KeyboardInterrupt):
            self.run(process, main())
        assert seen == ["slept on"]

    def test_handlers_are_set_on_the_main_thread_only(self, process: Any) -> None:
        seen: list[str] = []

        def elsewhere() -> None:
            with pytest.raises(ValueError, match="only works in main thread") as refused:
                signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            seen.append(str(refused.value))

        process.in_another_thread(elsewhere)
        assert seen == ["signal only works in main thread of the main interpreter"]


class TestSimulatedSignals(SignalBehaviour):
    make = SimulatedProcess

    def test_a_handler_runs_at_the_very_instant(self, process: SimulatedProcess) -> None:
        seen: list[float] = []
        signal.signal(signal.SIGUSR1, lambda *_: seen.append(time.monotonic()))
        process.send_after(1.25, signal.SIGUSR1)
        time.sleep(2)
        assert (seen, time.monotonic()) == ([1.25], 2.0)

    def test_a_graceful_stop_takes_exactly_its_virtual_time(self, process: SimulatedProcess) -> None:
        async def main() -> float:
            stop = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
            process.send_after(3, signal.SIGTERM)
            await stop.wait()
            return time.monotonic()

        assert self.run(process, main()) == 3.0

    def test_a_signal_without_handler_ends_the_process_as_told(self, process: SimulatedProcess) -> None:
        process.send_after(1, signal.SIGTERM)
        with pytest.raises(SystemExit) as ended:
            time.sleep(60)
        assert (ended.value.code, time.monotonic()) == (128 + signal.SIGTERM, 1.0)

    def test_the_world_may_say_what_an_unhandled_signal_does(self, process: SimulatedProcess) -> None:
        killed_by: list[int] = []
        process.machine.signals.die = killed_by.append
        process.send_after(1, signal.SIGUSR2)
        time.sleep(2)
        assert killed_by == [signal.SIGUSR2]

    def test_two_of_one_signal_before_it_is_handled_are_one(self, process: SimulatedProcess) -> None:
        seen: list[int] = []
        signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
        signal.signal(signal.SIGUSR2, lambda number, _: seen.append(number))
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1):
            process.send_after(1, number)
        time.sleep(2)
        assert seen == [signal.SIGUSR1, signal.SIGUSR2]

    def test_a_handler_may_itself_wait(self, process: SimulatedProcess) -> None:
        seen: list[float] = []

        def handler(*_: Any) -> None:
            time.sleep(5)
            seen.append(time.monotonic())

        signal.signal(signal.SIGUSR1, handler)
        process.send_after(1, signal.SIGUSR1)
        time.sleep(2)
        assert (seen, time.monotonic()) == ([6.0], 6.0)

    def test_the_handler_is_given_the_frame_that_was_interrupted(self, process: SimulatedProcess) -> None:
        seen: list[str] = []
        signal.signal(signal.SIGUSR1, lambda _, frame: seen.append(frame.f_code.co_name))
        process.send_after(1, signal.SIGUSR1)

        def waits() -> None:
            time.sleep(2)

        waits()
        assert seen == ["waits"]

    @pytest.mark.parametrize("name", ["pause", "setitimer", "sigwait", "pthread_sigmask"])
    def test_what_is_not_simulated_is_refused_by_name(self, process: SimulatedProcess, name: str) -> None:
        with pytest.raises(NotSimulated, match=rf"signal\.{name} "):
            getattr(signal, name)(1, 1)

    def test_a_real_wakeup_descriptor_is_refused(self, process: SimulatedProcess) -> None:
        with pytest.raises(NotSimulated, match="set_wakeup_fd"):
            signal.set_wakeup_fd(1)
        with pytest.raises(OSError):
            signal.set_wakeup_fd(1 << 24)


@pytest.mark.real_clock
class TestRealSignals(SignalBehaviour):
    make = RealProcess

"""Stock asyncio's selector loop on the simulated machine: only what touches the machine is replaced."""

from __future__ import annotations

import asyncio
import asyncio.selector_events
import concurrent.futures
import math
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.machine import Machine, no_such_name
from grader.sim.shims import socket_names
from grader.sim.shims import time as time_shim
from grader.sim.shims.selectors import SimSelector
from grader.sim.shims.threading import SimLock

DEFAULT_WORKERS = 5
"""Threads of the loop's default executor: what stock asyncio has on a machine with one processor."""


class SimLoop(asyncio.SelectorEventLoop):
    """`asyncio.SelectorEventLoop` with virtual time, a simulated selector and simulated names."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._kernel = machine, machine.kernel
        self._sim_selector = SimSelector(machine.kernel, machine.descriptors)
        super().__init__(self._sim_selector)
        if machine.loop_made is not None:
            machine.loop_made(self)

    def time(self) -> float:
        """Virtual seconds since the world began."""
        kernel = self._kernel
        time_shim.look(kernel, sys._getframe(1), kernel.monotonic)
        return kernel.monotonic.at(kernel.now_ns)

    def _process_events(self, event_list: Any) -> None:
        """As stock, which next calls what is due before `time() + _clock_resolution`: up to now, that is."""
        kernel = self._kernel
        self._clock_resolution = math.ulp(kernel.monotonic.at(kernel.now_ns))
        super()._process_events(event_list)  # type: ignore[misc]  # typeshed leaves asyncio's private methods out

    def poke(self) -> None:
        """Have the `select` under way return if callbacks were scheduled from outside the loop."""
        if self._ready:  # type: ignore[attr-defined]  # typeshed leaves asyncio's private attributes out
            self._sim_selector.poke()

    def is_at_rest(self) -> bool:
        """Whether a thread waits in this loop's `select`: nothing is ready, and no call holds the loop."""
        return self._sim_selector.is_awaited

    def _run_once(self) -> None:
        """As stock; the machine is first told of the tasks of which a step is about to run."""
        tell = self._machine.task_touched
        if tell is not None:
            for handle in self._ready:  # type: ignore[attr-defined]  # as above
                task = getattr(handle._callback, "__self__", None)
                if isinstance(task, asyncio.Task):
                    tell(task)
        super()._run_once()  # type: ignore[misc]  # as above

    def _write_to_self(self) -> None:
        """Wake the loop directly: threads of the simulation run one at a time."""
        self._sim_selector.poke()

    def run_in_executor(  # type: ignore[override]  # narrower only to mypy, which types *args as one
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        """As stock, with `DEFAULT_WORKERS` workers by default. Raises NotSimulated in the judge."""
        stock: Any = self
        lock_in_force: object = threading.Lock
        if lock_in_force is not SimLock:
            raise NotSimulated("loop.run_in_executor: there are no threads on the judge's side")
        if executor is None and stock._default_executor is None and not stock._executor_shutdown_called:
            stock._default_executor = concurrent.futures.ThreadPoolExecutor(DEFAULT_WORKERS, "asyncio")
        return super().run_in_executor(executor, func, *args)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """As stock; the machine is told, so that its tasks can be listed in the order of their making."""
        task = super().create_task(coro, **options)
        if self._machine.task_made is not None:
            self._machine.task_made(task)
        return task

    async def _make_subprocess_transport(
        self,
        protocol: Any,
        args: Any,
        shell: bool,
        stdin: Any,
        stdout: Any,
        stderr: Any,
        bufsize: int,
        extra: Any = None,
        **options: Any,
    ) -> Any:
        """As stock, but for the child watcher, which differs in each version: the machine tells of exits."""
        children = self._machine.children
        children.must_have_launcher()
        # Not at the top: the module does not exist on Windows.
        from asyncio import unix_events

        waiter = self.create_future()
        transport: Any = unix_events._UnixSubprocessTransport(  # type: ignore[attr-defined]  # stock's, private
            self, protocol, args, shell, stdin, stdout, stderr, bufsize, waiter=waiter, extra=extra, **options
        )

        def exited(status: int) -> None:
            if not self.is_closed():
                self.call_soon_threadsafe(transport._process_exited, os.waitstatus_to_exitcode(status))

        children.watch(transport.get_pid(), exited)
        try:
            await waiter
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException:
            transport.close()
            await transport._wait()
            raise
        return transport

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> Any:
        """Look a name up without blocking the loop. Raises socket.gaierror."""
        address = socket_names.passive_address(host, flags) or await self._address_of(host)
        return socket_names.infos(address, port, family, type, proto)

    async def _address_of(self, host: Any) -> str:
        known = self._machine.known_address(host)
        if known is not None:
            return known
        answer: asyncio.Future[str | None] = self.create_future()

        def settle(address: str | None) -> None:
            if not answer.done():
                answer.set_result(address)

        def resolved(address: str | None) -> None:
            # The answer comes while this loop is parked in `select`, perhaps on another thread.
            self.call_soon_threadsafe(settle, address)

        self._machine.stack.resolve(host if isinstance(host, str) else bytes(host).decode(), resolved)
        found = await answer
        if found is None:
            raise no_such_name()
        return found

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:
        return socket_names.getnameinfo(sockaddr, flags)


def new_event_loop() -> SimLoop:
    """A loop on the machine in force, as `asyncio.new_event_loop` makes one."""
    return SimLoop(world.current())


def _default_policy() -> Any:
    """The class of the policy that is in force when nobody has set one.

    From 3.14 on its public name warns, and the private one is where asyncio itself looks.
    """
    stock: Any = asyncio
    if sys.version_info < (3, 14):
        return stock.DefaultEventLoopPolicy
    # One of the two modules, on each kind of system another.
    events: Any = getattr(asyncio, "windows_events", None) or getattr(asyncio, "unix_events", None)
    return events._DefaultEventLoopPolicy


def patches() -> list[tuple[Any, str, Any]]:
    """What of asyncio a simulated process replaces: how loops are made."""
    return [
        (_default_policy(), "_loop_factory", staticmethod(new_event_loop)),
        (_SELECTOR_LOOP, "_make_self_pipe", _make_self_pipe),
    ]


_SELECTOR_LOOP: Any = asyncio.selector_events.BaseSelectorEventLoop
_stock_make_self_pipe: Callable[[Any], None] = _SELECTOR_LOOP._make_self_pipe


def _make_self_pipe(self: Any) -> None:
    """As stock. A loop opens it for itself: the line that made the loop is not to be told that it is open."""
    _stock_make_self_pipe(self)
    for end in (self._ssock, self._csock):
        end.belongs_to_no_line()

"""Stock asyncio's selector loop on the simulated machine: only what touches the machine is replaced."""

from __future__ import annotations

import asyncio
from typing import Any

from grader.sim import names, world
from grader.sim.kernel import NS
from grader.sim.machine import Machine, no_such_name
from grader.sim.selector import SimSelector


class SimLoop(asyncio.SelectorEventLoop):
    """`asyncio.SelectorEventLoop` with virtual time, a simulated selector and simulated names."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._sim_selector = SimSelector(machine.kernel, machine.descriptors)
        super().__init__(self._sim_selector)
        # Deadlines are floats made from whole nanoseconds: one of slack lets each fire on time.
        self._clock_resolution = 1 / NS

    def time(self) -> float:
        """Virtual seconds since the world began."""
        return self._machine.kernel.now_ns / NS

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        """As stock, but the loop is woken directly: threads of the simulation run one at a time."""
        self._check_closed()
        handle = self._call_soon(callback, args, context)
        self._sim_selector.poke()
        return handle  # type: ignore[no-any-return]  # typeshed leaves asyncio's private methods untyped

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """As stock; the machine is told, so that its tasks can be listed in the order of their making."""
        task = super().create_task(coro, **options)
        if self._machine.task_made is not None:
            self._machine.task_made(task)
        return task

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> Any:
        """Look a name up without blocking the loop. Raises socket.gaierror."""
        address = names.passive_address(host, flags) or await self._address_of(host)
        return names.infos(address, port, family, type, proto)

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

        self._machine.stack.resolve(host, resolved)
        found = await answer
        if found is None:
            raise no_such_name()
        return found

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:
        return names.getnameinfo(sockaddr, flags)



def new_event_loop() -> SimLoop:
    """A loop on the machine in force, as `asyncio.new_event_loop` makes one."""
    return SimLoop(world.current())


def patches() -> list[tuple[Any, str, Any]]:
    """What of asyncio a simulated process replaces: how loops are made."""
    policies = asyncio.DefaultEventLoopPolicy
    return [
        (asyncio, "new_event_loop", new_event_loop),
        (asyncio.events, "new_event_loop", new_event_loop),
        (policies, "_loop_factory", staticmethod(new_event_loop)),
    ]

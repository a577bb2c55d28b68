"""What most katas do, done a few times in the zygote, in a world of its own.

CPython rewrites code that has run a few times into faster code (PEP 659) and fills its caches as it
goes. A forked guest inherits what was warm in its zygote; what was not, it would warm for itself
each time, copying every page of memory that it writes to.
"""

from __future__ import annotations

import asyncio
import random

from grader.sim import world
from grader.sim.kernel import Alone
from grader.sim.machine import Machine
from grader.sim.net.network import LOOPBACK, Network
from grader.sim.shims.asyncio_loop import SimLoop

_ROUNDS, _CLIENTS = 4, 4
_PORT = 7000


def rehearse() -> None:
    """Serve, ask, wait and time out on a simulated loopback. Leaves nothing behind but warm code."""
    machine = Machine(Alone())
    network = Network(machine.kernel, random.Random(0))
    machine.stack.plug_into(network.plug_in(network.add_host(machine.hostname), machine.stack))
    before = world.enter(machine)
    loop = SimLoop(machine)
    try:
        loop.run_until_complete(_play())
    finally:
        loop.close()
        machine.kernel.end()
        world.enter(before)


async def _play() -> None:
    async with await asyncio.start_server(_echo, LOOPBACK, _PORT):
        for _ in range(_ROUNDS):
            await asyncio.gather(*(_ask() for _ in range(_CLIENTS)))
            async with asyncio.timeout(1), asyncio.TaskGroup() as group:
                group.create_task(_ask())


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line = await reader.readline()
    await asyncio.sleep(0.1)
    writer.write(line)
    await writer.drain()
    writer.close()


async def _ask() -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, _PORT)
    try:
        writer.write(b"hello\n")
        await writer.drain()
        await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()

"""What waits and exchanges cost in real time. Suites run in the bench's own process: see `FIGURES`."""

import asyncio
import time

from tests.bench.machine import FIGURES

WAITS = 2_000


async def measure_waits(kata, name, idle):
    """Real microseconds per wait of the guest's, `idle` things being idle beside it."""
    call = kata.call(name, WAITS + 2_000, idle)
    await asyncio.sleep(1)
    start = time.perf_counter()
    await asyncio.sleep(WAITS * 0.001)
    FIGURES.setdefault(f"{name} {idle}", []).append((time.perf_counter() - start) / WAITS * 1e6)
    await call


async def test_waits_beside_tasks(kata):
    """Waits beside idle tasks."""
    for idle in (0, 10_000):
        await measure_waits(kata, "wait_beside_tasks", idle)


async def test_waits_beside_sockets(kata, net):
    """Waits beside idle connections."""

    async def hold(reader, writer):
        await reader.read()

    await net.serve("server", 7000, hold)
    for idle in (0, 10_000):
        await measure_waits(kata, "wait_beside_sockets", idle)


async def test_exchanges(kata, net):
    """Exchanges at once, each over a connection of its own."""

    async def answer(reader, writer):
        await reader.readline()
        writer.write(b"!\n")

    await net.serve("server", 7000, answer)
    await kata.call("exchange_all", 100)
    for count in (100, 10_000):
        start = time.perf_counter()
        await kata.call("exchange_all", count)
        FIGURES.setdefault(f"exchanges {count}", []).append((time.perf_counter() - start) / count * 1e6)

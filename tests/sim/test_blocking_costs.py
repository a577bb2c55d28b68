"""What a blocking call costs in virtual time its asyncio counterpart costs too, alone."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from platforms import Simulated, closed, serving

MS = 1_000_000
LINK = {"latency_ns": 15 * MS, "bandwidth_bps": 200_000}
BODY = b"reading " * 2000


async def station(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one line after a second, at some length."""
    await reader.readline()
    await asyncio.sleep(1)
    writer.write(BODY)
    await closed(writer)


# -- each pair: the blocking way, then the asyncio way -----------------------------------------------
def ask_blocking() -> int:
    with socket.create_connection(("far", 7000)) as sock:
        sock.sendall(b"temperature\n")
        received = b"".join(iter(lambda: sock.recv(4096), b""))
    return len(received)


async def ask_awaiting() -> int:
    reader, writer = await asyncio.open_connection("far", 7000)
    writer.write(b"temperature\n")
    received = await reader.read()
    await closed(writer)
    return len(received)


def ask_with_files() -> int:
    with socket.create_connection(("far", 7000)) as sock, sock.makefile("rwb") as file:
        file.write(b"temperature\n")
        file.flush()
        return len(file.read())


def sleep_blocking() -> None:
    time.sleep(0.7)


async def sleep_awaiting() -> None:
    await asyncio.sleep(0.7)


def give_up_blocking() -> str:
    with socket.create_connection(("far", 7000), timeout=0.25) as sock:
        sock.sendall(b"temperature\n")
        try:
            sock.recv(1)
        except TimeoutError:
            return "too late"
    return "in time"


async def give_up_awaiting() -> str:
    reader, writer = await asyncio.open_connection("far", 7000)
    writer.write(b"temperature\n")
    try:
        await asyncio.wait_for(reader.read(1), 0.25)
    except TimeoutError:
        return "too late"
    finally:
        writer.close()
    return "in time"


def refused_blocking() -> str:
    try:
        socket.create_connection(("far", 1))
    except ConnectionRefusedError as error:
        return type(error).__name__
    return "connected"


async def refused_awaiting() -> str:
    try:
        await asyncio.open_connection("far", 1)
    except ConnectionRefusedError as error:
        return type(error).__name__
    return "connected"


def produce_blocking() -> list[int]:
    items: queue.Queue[int] = queue.Queue(2)

    def produce() -> None:
        for number in range(5):
            time.sleep(0.1)
            items.put(number)

    producer = threading.Thread(target=produce)
    producer.start()
    taken = []
    for _ in range(5):
        taken.append(items.get())
        time.sleep(0.3)
    producer.join()
    return taken


async def produce_awaiting() -> list[int]:
    items: asyncio.Queue[int] = asyncio.Queue(2)

    async def produce() -> None:
        for number in range(5):
            await asyncio.sleep(0.1)
            await items.put(number)

    producer = asyncio.create_task(produce())
    taken = []
    for _ in range(5):
        taken.append(await items.get())
        await asyncio.sleep(0.3)
    await producer
    return taken


def pool_blocking() -> list[int]:
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda _: ask_blocking(), range(7)))


async def pool_awaiting() -> list[int]:
    slots = asyncio.Semaphore(3)

    async def ask() -> int:
        async with slots:
            return await ask_awaiting()

    return await asyncio.gather(*(ask() for _ in range(7)))


def cost_of(work: Callable[[], Awaitable[Any]]) -> tuple[Any, int]:
    """What it returns and how many virtual nanoseconds it takes, with a station at `far`."""
    world = Simulated()
    far = world.net.add_host("far", **LINK)

    async def main() -> tuple[Any, int]:
        async with serving(station, far.address, 7000):
            before = world.kernel.now_ns
            result = await work()
            return result, world.kernel.now_ns - before

    found: tuple[Any, int] = world.run(main)
    return found


PAIRS = [
    (ask_blocking, ask_awaiting),
    (ask_with_files, ask_awaiting),
    (sleep_blocking, sleep_awaiting),
    (give_up_blocking, give_up_awaiting),
    (refused_blocking, refused_awaiting),
    (produce_blocking, produce_awaiting),
    (pool_blocking, pool_awaiting),
]


@pytest.mark.parametrize("blocking, awaiting", PAIRS, ids=[one.__name__ for one, _ in PAIRS])
def test_blocking_and_awaiting_cost_the_same(
    blocking: Callable[[], Any], awaiting: Callable[[], Awaitable[Any]]
) -> None:
    """The blocking call runs in a thread, so that the station's loop goes on beside it."""
    one, other = cost_of(lambda: asyncio.to_thread(blocking)), cost_of(awaiting)
    assert one == other
    assert one[1] > 0


def test_a_loop_of_blocking_requests_costs_their_sum_and_overlapping_ones_the_slowest() -> None:
    def in_a_row() -> int:
        return sum(ask_blocking() for _ in range(5))

    async def together() -> int:
        return sum(await asyncio.gather(*(ask_awaiting() for _ in range(5))))

    single = cost_of(ask_awaiting)[1]
    transfer = len(BODY) * 1000 * MS // LINK["bandwidth_bps"]
    assert cost_of(lambda: asyncio.to_thread(in_a_row))[1] == 5 * single
    # The link is shared: the four other answers follow the first one on it.
    assert cost_of(together)[1] == single + 4 * transfer


def test_urlopen_takes_as_long_as_its_bytes() -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1)
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 1000)
        await closed(writer)

    world = Simulated()
    far = world.net.add_host("far", latency_ns=10 * MS)

    def fetch() -> int:
        with urllib.request.urlopen("http://far:80/") as answer:
            return len(answer.read())

    async def main() -> tuple[int, int]:
        async with serving(page, far.address, 80):
            return await asyncio.to_thread(fetch), world.kernel.now_ns

    assert world.run(main) == (1000, 1000 * MS + 40 * MS)


def test_blocking_the_loop_moves_the_clock_and_lets_nothing_run(world: Simulated) -> None:
    """The heartbeat misses its beats: time passed, and no task had a turn."""
    beats: list[float] = []

    async def heartbeat() -> None:
        for _ in range(4):
            beats.append(time.monotonic())
            await asyncio.sleep(1)

    async def main() -> None:
        beating = asyncio.create_task(heartbeat())
        await asyncio.sleep(1.5)
        time.sleep(10)  # noqa: ASYNC251  # the mistake that this is about
        await beating

    asyncio.run(main())
    assert beats == [0.0, 1.0, 11.5, 12.5]

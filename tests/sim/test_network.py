"""The network between simulated machines: what a link does to streams and to datagrams."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import SECOND_NS, Handler, Simulated, closed, serving

from grader.sim.net.stack import Stack
from grader.sim.net.streams import Listener

MS = 1_000_000


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.readline()).upper())
    await closed(writer)


def with_server(world: Simulated, handler: Handler, client: Callable[[], Awaitable[Any]], **link: Any) -> Any:
    """What the client returns, with the handler served at port 7000 of a host called `far`."""
    far = world.net.add_host("far", **link)

    async def main() -> Any:
        async with serving(handler, far.address, 7000):
            return await client()

    return world.run(main)


# -- latency and bandwidth -------------------------------------------------------------------------
def test_a_connection_opens_after_two_latencies_and_a_byte_arrives_after_one() -> None:
    world = Simulated()

    async def client() -> list[int]:
        reader, writer = await asyncio.open_connection("far", 7000)
        opened = world.kernel.now_ns
        writer.write(b"hello\n")
        assert await reader.readline() == b"HELLO\n"
        answered = world.kernel.now_ns
        assert await reader.read() == b""
        await closed(writer)
        return [opened, answered, world.kernel.now_ns]

    assert with_server(world, shout, client, latency_ns=30 * MS) == [60 * MS, 120 * MS, 120 * MS]


def test_both_ends_links_count() -> None:
    world = Simulated()
    world.host.latency_ns = 5 * MS

    async def client() -> int:
        _, writer = await asyncio.open_connection("far", 7000)
        await closed(writer)
        return world.kernel.now_ns

    assert with_server(world, shout, client, latency_ns=10 * MS) == 30 * MS


def test_a_machine_is_near_itself() -> None:
    world = Simulated()
    world.host.latency_ns = 5 * MS

    async def main() -> int:
        async with serving(shout, "localhost", 7000):
            _, writer = await asyncio.open_connection("127.0.0.1", 7000)
            await closed(writer)
        return world.kernel.now_ns

    assert world.run(main) == 0


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 60_000), speed=st.sampled_from([1000, 50_000, 1_000_000]))
def test_bandwidth_spreads_bytes_over_time(size: int, speed: int) -> None:
    world = Simulated()

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * size)
        await closed(writer)

    async def client() -> int:
        reader, writer = await asyncio.open_connection("far", 7000)
        assert len(await reader.readexactly(size)) == size
        await closed(writer)
        return world.kernel.now_ns

    assert with_server(world, pour, client, bandwidth_bps=speed) == size * SECOND_NS // speed


def test_two_streams_share_a_link() -> None:
    """Each alone would take one second; together they take two."""
    world = Simulated()

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 1000)
        await closed(writer)

    async def take() -> None:
        reader, writer = await asyncio.open_connection("far", 7000)
        await reader.read()
        await closed(writer)

    async def client() -> int:
        await asyncio.gather(take(), take())
        return world.kernel.now_ns

    assert with_server(world, pour, client, bandwidth_bps=1000) == 2 * SECOND_NS


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 3000), mtu=st.integers(1, 1500))
def test_a_long_send_comes_in_packets(size: int, mtu: int) -> None:
    """With an mtu and a slow link a reader sees the bytes come bit by bit, in order."""
    world = Simulated()
    data = bytes(number % 251 for number in range(size))

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await closed(writer)

    async def client() -> list[bytes]:
        reader, writer = await asyncio.open_connection("far", 7000)
        pieces = []
        while piece := await reader.read(10_000):
            pieces.append(piece)
        await closed(writer)
        return pieces

    pieces = with_server(world, pour, client, mtu=mtu, bandwidth_bps=1_000_000)
    assert b"".join(pieces) == data
    assert [len(piece) for piece in pieces[:-1]] == [mtu] * (len(pieces) - 1)
    assert 0 < len(pieces[-1]) <= mtu


def test_packets_of_a_stream_never_overtake_one_another() -> None:
    """Not even when the link gets faster while they are on their way."""
    world = Simulated()
    far = world.net.add_host("far")

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(50):
            far.latency_ns = (50 - number) * MS
            writer.write(b"%d\n" % number)
            await writer.drain()
        await closed(writer)

    async def main() -> tuple[list[int], int]:
        async with serving(pour, far.address, 7000):
            reader, writer = await asyncio.open_connection("far", 7000)
            lines = [int(line) async for line in reader]
            await closed(writer)
            return lines, world.kernel.now_ns

    assert world.run(main) == (list(range(50)), 50 * MS)


# -- faults ----------------------------------------------------------------------------------------
def test_a_refusal_takes_a_round_trip() -> None:
    world = Simulated()
    world.net.add_host("far", latency_ns=10 * MS)

    async def main() -> int:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("far", 7001)
        return world.kernel.now_ns

    assert world.run(main) == 20 * MS


def test_a_host_that_is_down_answers_nothing() -> None:
    """A black hole: only a timeout ends the wait."""
    world = Simulated()
    world.net.add_host("far", latency_ns=10 * MS, up=False)

    async def main() -> int:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await asyncio.open_connection("far", 7000)
        return world.kernel.now_ns

    assert world.run(main) == 60 * SECOND_NS


def test_a_host_that_goes_down_leaves_its_peers_waiting() -> None:
    """What was sent meanwhile is lost, and nothing later takes its place in the stream."""
    world = Simulated()
    far = world.net.add_host("far", latency_ns=MS)

    got: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            got.append(await reader.read(100))
        finally:
            writer.transport.abort()

    async def main() -> int:
        server = await asyncio.start_server(listen, far.address, 7000)
        reader, writer = await asyncio.open_connection("far", 7000)
        far.up = False
        writer.write(b"lost\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 5)
        far.up = True
        writer.write(b"after the hole\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 5)
        await closed(writer)
        server.close()
        return world.kernel.now_ns

    assert world.run(main) == 10 * SECOND_NS + 2 * MS
    assert got == []


def test_a_reset_takes_one_latency() -> None:
    world = Simulated()

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)
        on_close = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, on_close)
        writer.transport.abort()

    async def client() -> int:
        reader, writer = await asyncio.open_connection("far", 7000)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        await closed(writer)
        return world.kernel.now_ns

    # The server's handler runs as soon as the connection reaches it: one latency before the client knows.
    assert with_server(world, reset, client, latency_ns=10 * MS) == SECOND_NS + 20 * MS


def test_sending_to_one_who_closed_is_answered_after_a_round_trip() -> None:
    world = Simulated()

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closed(writer)

    def client() -> int:
        with socket.create_connection(("far", 7000)) as sock:
            assert sock.recv(1) == b""
            start = world.kernel.now_ns
            sock.send(b"anybody?")
            time.sleep(0.019)
            assert sock.send(b"still?") == 6
            time.sleep(0.001)
            with pytest.raises(ConnectionResetError):
                sock.send(b"too late")
            return world.kernel.now_ns - start

    async def in_a_thread() -> int:
        return await asyncio.to_thread(client)

    assert with_server(world, hang_up, in_a_thread, latency_ns=10 * MS) == 20 * MS


def test_a_connection_that_nobody_accepts_still_opens() -> None:
    """The system's queue takes it, as real ones do."""
    world = Simulated()
    far = world.net.add_host("far", latency_ns=MS)
    with world.running(), socket.socket() as listener:
        listener.bind((far.address, 7000))
        listener.listen(1)
        with socket.create_connection(("far", 7000)) as client:
            client.sendall(b"early")
            accepted, address = listener.accept()
            with accepted:
                assert accepted.recv(10) == b"early"
                assert address == client.getsockname()


# -- names -----------------------------------------------------------------------------------------
def test_hosts_are_found_by_name() -> None:
    world = Simulated()
    far = world.net.add_host("far")
    with pytest.raises(ValueError, match="far"):
        world.net.add_host("far")
    with world.running():
        assert socket.gethostbyname("far") == far.address
        infos = socket.getaddrinfo("far", "http", type=socket.SOCK_STREAM)
        assert infos == [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (far.address, 80))]
        assert socket.getaddrinfo(None, 7)[0][4] == ("127.0.0.1", 7)
        assert socket.getaddrinfo(None, 7, flags=socket.AI_PASSIVE)[0][4] == ("0.0.0.0", 7)
        assert socket.gethostname() == socket.getfqdn() == "learner"
        assert socket.getservbyport(socket.getservbyname("https")) == "https"
        for name, family in (("nowhere", 0), ("far", socket.AF_INET6)):
            with pytest.raises(socket.gaierror):
                socket.getaddrinfo(name, 80, family)
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("far", 80, flags=socket.AI_NUMERICHOST)
        with pytest.raises(socket.herror):
            socket.gethostbyaddr(far.address)


# -- datagrams -------------------------------------------------------------------------------------
def sent_datagrams(count: int, seed: int = 1, **link: Any) -> list[tuple[int, int]]:
    """Which of so many datagrams, one a millisecond, arrive at a host, and when (ms)."""
    world = Simulated(seed)
    far = world.net.add_host("far", **link)
    got: list[tuple[int, int]] = []
    with world.running():
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind((far.address, 9))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        async def send() -> None:
            for number in range(count):
                sender.sendto(b"%d" % number, (far.address, 9))
                await asyncio.sleep(0.001)
            await asyncio.sleep(1)

        async def receive() -> None:
            loop = asyncio.get_running_loop()
            receiver.setblocking(False)
            while True:
                data = await loop.sock_recv(receiver, 100)
                got.append((int(data), world.kernel.now_ns // MS))

        async def main() -> None:
            receiving = asyncio.create_task(receive())
            await send()
            receiving.cancel()

        with receiver, sender:
            asyncio.run(main())
    return got


def test_datagrams_arrive_after_the_latency() -> None:
    assert sent_datagrams(3, latency_ns=20 * MS) == [(0, 20), (1, 21), (2, 22)]


def test_lossy_links_lose_their_share_and_the_seed_says_which() -> None:
    got = sent_datagrams(1000, loss=0.3)
    assert 600 < len(got) < 800
    assert got == sent_datagrams(1000, loss=0.3)
    assert got != sent_datagrams(1000, seed=2, loss=0.3)
    assert sent_datagrams(10, loss=1.0) == []


def test_some_links_double_datagrams() -> None:
    numbers = [number for number, _ in sent_datagrams(1000, duplicate=0.1)]
    assert set(numbers) == set(range(1000))
    assert 1050 < len(numbers) < 1150


def test_jitter_lets_datagrams_overtake_one_another_within_its_bounds() -> None:
    got = sent_datagrams(200, latency_ns=10 * MS, jitter_ns=20 * MS)
    numbers = [number for number, _ in got]
    assert sorted(numbers) == list(range(200))
    assert numbers != sorted(numbers)
    assert all(10 <= at_ms - number <= 30 for number, at_ms in got)


def test_datagrams_to_nobody_are_lost_without_a_word() -> None:
    world = Simulated()
    far = world.net.add_host("far")
    with world.running(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        assert sender.sendto(b"x", (far.address, 1)) == 1
        assert sender.sendto(b"x", ("10.9.9.9", 1)) == 1
        sender.settimeout(2)
        with pytest.raises(TimeoutError):
            sender.recv(1)
    assert world.kernel.now_ns == 2 * SECOND_NS


# -- ends ------------------------------------------------------------------------------------------
def test_a_machine_that_is_unplugged_is_gone_for_all_others() -> None:
    """Its connections are reset and its listeners refuse."""
    world = Simulated()
    far = world.net.add_host("far")
    stack = Stack(world.kernel)
    plug = world.net.plug_in(far, stack)
    stack.plug_into(plug)
    stack.listen(Listener(world.kernel, (far.address, 7000), 1), (far.address, 7000))
    with world.running(), socket.create_connection(("far", 7000)) as client:
        assert plug.open_connections() == 1
        plug.unplug()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("far", 7000))


def test_closing_everything_leaves_nothing_behind() -> None:
    world = Simulated()

    async def client() -> None:
        for number in range(20):
            reader, writer = await asyncio.open_connection("far", 7000)
            if number % 3:
                writer.write(b"x\n")
                await reader.read()
            await closed(writer)

    with_server(world, shout, client, latency_ns=MS)
    assert len(world.machine.descriptors) == 0

"""asyncio: one set of behaviours, on stock asyncio over real sockets and on the simulation."""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platforms import Platform, Simulated, closed, serving

HERE = Path(__file__).parent
BOTH = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def open_to(
    server: asyncio.Server, **options: Any
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port_of(server), **options)


def certified() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server and of a client that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(HERE / "tls_cert.pem", HERE / "tls_key.pem")
    return server, ssl.create_default_context(cafile=str(HERE / "tls_cert.pem"))


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back everything until the end, then close."""
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    await closed(writer)


# -- streams ---------------------------------------------------------------------------------------
@BOTH
@given(parts=st.lists(st.binary(max_size=3000), max_size=6), size=st.integers(1, 5000))
def test_streams_bring_back_what_was_sent(platform: Platform, parts: list[bytes], size: int) -> None:
    async def main() -> bytes:
        async with serving(echo) as server:
            reader, writer = await open_to(server)
            for part in parts:
                writer.write(part)
            writer.write_eof()
            received = b""
            while data := await reader.read(size):
                received += data
            await closed(writer)
            return received

    assert asyncio.run(main()) == b"".join(parts)


@BOTH
@given(lines=st.lists(st.text("ab ", max_size=50), min_size=1, max_size=6), cut=st.integers(1, 7))
def test_lines_are_found_wherever_they_are_cut(platform: Platform, lines: list[str], cut: int) -> None:
    """`readline` and `readuntil` do not care how the bytes came in packets."""
    data = "".join(f"{line}\n" for line in lines).encode()

    async def send_cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(data), cut):
            writer.write(data[start : start + cut])
            await writer.drain()
        await closed(writer)

    async def main() -> list[str]:
        async with serving(send_cut) as server:
            reader, writer = await open_to(server)
            first = await reader.readuntil(b"\n")
            rest = [line async for line in reader]
            await closed(writer)
            return [line.decode()[:-1] for line in [first, *rest]]

    assert asyncio.run(main()) == lines


def test_readers_say_what_was_missing(platform: Platform) -> None:
    async def short(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"a" * 100)
        await closed(writer)

    async def main() -> None:
        async with serving(short) as server:
            reader, writer = await open_to(server)
            with pytest.raises(asyncio.IncompleteReadError) as caught:
                await reader.readexactly(200)
            assert (caught.value.partial, caught.value.expected) == (b"a" * 100, 200)
            assert reader.at_eof()
            await closed(writer)
            reader, writer = await open_to(server, limit=10)
            with pytest.raises(asyncio.LimitOverrunError):
                await reader.readuntil(b"\n")
            await closed(writer)

    asyncio.run(main())


def test_drain_waits_until_the_other_end_has_read(platform: Platform) -> None:
    """Back-pressure is real: a writer without a reader is held up."""

    async def main() -> tuple[bool, bool]:
        read_now, done = asyncio.Event(), asyncio.Event()

        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_now.wait()
            await reader.read()
            await closed(writer)
            done.set()

        async with serving(slow, limit=1024) as server:
            _, writer = await open_to(server)
            writer.write(b"x" * 20_000_000)
            draining = asyncio.create_task(writer.drain())
            await asyncio.sleep(0.01)
            held_up = not draining.done()
            read_now.set()
            await draining
            writer.write_eof()
            await done.wait()
            await closed(writer)
            return held_up, draining.done()

    assert asyncio.run(main()) == (True, True)


def test_a_reset_reaches_the_reader_and_the_writer(platform: Platform) -> None:
    async def abort(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        abort_on_close = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abort_on_close)
        writer.transport.abort()

    async def main() -> None:
        async with serving(abort) as server:
            reader, writer = await open_to(server)
            writer.write(b"go\nunread")
            with pytest.raises(ConnectionResetError):
                while await reader.read(10):
                    pass
                raise AssertionError("a clean end")
            with pytest.raises(ConnectionError):
                for _ in range(1000):
                    writer.write(b"x")
                    await writer.drain()
            await closed(writer)

    asyncio.run(main())


def test_refused_connections_and_unknown_names_raise(platform: Platform) -> None:
    async def main() -> None:
        async with serving(echo) as server:
            port = port_of(server)
            with pytest.raises(OSError, match="address already in use"):
                await asyncio.start_server(echo, "127.0.0.1", port)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(socket.gaierror):
            await asyncio.open_connection("no-such-host.invalid", port)

    asyncio.run(main())


def test_many_connections_at_once_are_kept_apart(platform: Platform) -> None:
    async def main() -> list[bytes]:
        async with serving(echo) as server:

            async def ask(number: int) -> bytes:
                reader, writer = await open_to(server)
                writer.write(b"%d" % number)
                writer.write_eof()
                answer = await reader.read()
                await closed(writer)
                return answer

            return await asyncio.gather(*(ask(number) for number in range(50)))

    assert asyncio.run(main()) == [b"%d" % number for number in range(50)]


def test_a_cancelled_reader_leaves_the_stream_usable(platform: Platform) -> None:
    async def main() -> bytes:
        async with serving(echo) as server:
            reader, writer = await open_to(server)
            reading = asyncio.create_task(reader.readline())
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.readline(), 0.001)
            writer.write(b"still here\n")
            line = await reader.readline()
            await closed(writer)
            return line

    assert asyncio.run(main()) == b"still here\n"


# -- TLS -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [0, 10, 300_000])
def test_tls_carries_streams(platform: Platform, size: int) -> None:
    async def main() -> tuple[int, str, Any]:
        for_server, for_client = certified()
        async with serving(echo, ssl=for_server) as server:
            reader, writer = await open_to(
                server, ssl=for_client, server_hostname="localhost", limit=2 * size + 10
            )
            cipher = writer.get_extra_info("ssl_object").version()
            writer.write(b"x" * size + b"\n")
            answer = await reader.readline()
            names = writer.get_extra_info("peercert")["subjectAltName"]
            await closed(writer)
            return len(answer) - 1, cipher, names[0]

    assert asyncio.run(main()) == (size, "TLSv1.3", ("DNS", "localhost"))


def test_tls_refuses_a_certificate_that_it_does_not_trust(platform: Platform) -> None:
    async def main() -> None:
        for_server, for_client = certified()
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with serving(echo, ssl=for_server) as server:
            with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
                await open_to(server, ssl=ssl.create_default_context())
            with pytest.raises(ssl.SSLCertVerificationError, match=r"[Hh]ostname"):
                await open_to(server, ssl=for_client, server_hostname="elsewhere")

    asyncio.run(main())


def test_a_connection_can_turn_to_tls_half_way(platform: Platform) -> None:
    async def main() -> bytes:
        for_server, for_client = certified()

        async def upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.readline() == b"STARTTLS\n"
            writer.write(b"go\n")
            await writer.drain()
            await writer.start_tls(for_server)
            writer.write(b"secret " + await reader.readline())
            await writer.drain()
            await closed(writer)

        async with serving(upgrade) as server:
            reader, writer = await open_to(server)
            writer.write(b"STARTTLS\n")
            await reader.readline()
            await writer.start_tls(for_client, server_hostname="localhost")
            writer.write(b"word\n")
            answer = await reader.readline()
            await closed(writer)
            return answer

    assert asyncio.run(main()) == b"secret word\n"


# -- servers ---------------------------------------------------------------------------------------
def test_a_closed_server_takes_no_more_and_lets_the_others_finish(platform: Platform) -> None:
    async def main() -> bytes:
        async with serving(echo) as server:
            assert server.is_serving()
            reader, writer = await open_to(server)
            writer.write(b"before")
            assert await reader.read(6) == b"before"
            port = port_of(server)
            server.close()
            assert not server.is_serving()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"after")
            writer.write_eof()
            answer = await reader.read()
            await closed(writer)
            return answer

    assert asyncio.run(main()) == b"after"


def test_protocols_hear_everything_in_order(platform: Platform) -> None:
    heard: list[Any] = []
    lost = asyncio.Event()

    class Noting(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            heard.append("made")

        def data_received(self, data: bytes) -> None:
            heard.append(data)
            self.transport.write(data.upper())

        def eof_received(self) -> bool:
            heard.append("eof")
            return False

        def connection_lost(self, exc: Exception | None) -> None:
            heard.append(("lost", exc))
            lost.set()

    async def main() -> bytes:
        server = await asyncio.get_running_loop().create_server(Noting, "127.0.0.1", 0)
        async with server:
            reader, writer = await open_to(server)
            writer.write(b"hello")
            first = await reader.readexactly(5)
            writer.write_eof()
            rest = await reader.read()
            await closed(writer)
            await lost.wait()
            return first + rest

    assert asyncio.run(main()) == b"HELLO"
    assert heard == ["made", b"hello", "eof", ("lost", None)]


def test_transports_pause_and_resume_reading(platform: Platform) -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        got, received = asyncio.Event(), bytearray()

        class Pausing(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport

            def data_received(self, data: bytes) -> None:
                received.extend(data)
                got.set()

        one, two = socket.socketpair()
        transport, _ = await loop.create_connection(Pausing, sock=one)
        transport.pause_reading()
        two.sendall(b"waiting")
        await asyncio.sleep(0.001)
        assert not received
        transport.resume_reading()
        await got.wait()
        transport.close()
        two.close()
        await asyncio.sleep(0)
        return bytes(received)

    assert asyncio.run(main()) == b"waiting"


# -- datagrams, names, raw sockets -----------------------------------------------------------------
def test_datagram_endpoints_exchange_messages(platform: Platform) -> None:
    class Shout(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.transport.sendto(data.upper(), addr)

    async def main() -> list[bytes]:
        loop = asyncio.get_running_loop()
        answers: asyncio.Queue[bytes] = asyncio.Queue()

        class Collect(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                answers.put_nowait(data)

        server, _ = await loop.create_datagram_endpoint(Shout, local_addr=("127.0.0.1", 0))
        address = server.get_extra_info("sockname")
        client, _ = await loop.create_datagram_endpoint(Collect, remote_addr=address)
        for word in (b"one", b"two", b"three"):
            client.sendto(word)
        got = [await answers.get() for _ in range(3)]
        client.close()
        server.close()
        await asyncio.sleep(0)
        return got

    assert asyncio.run(main()) == [b"ONE", b"TWO", b"THREE"]


def test_unix_servers_are_reached_by_name(platform: Platform) -> None:
    async def main() -> bytes:
        path = platform.unix_path("server")
        async with await asyncio.start_unix_server(echo, path):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"by name")
            writer.write_eof()
            answer = await reader.read()
            await closed(writer)
            return answer

    assert asyncio.run(main()) == b"by name"


def test_raw_sockets_can_be_awaited(platform: Platform) -> None:
    """`loop.sock_*`: accept, connect, send, receive, in place, and datagrams."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as listener, socket.socket() as client:
            for sock in (listener, client):
                sock.setblocking(False)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            accepting = asyncio.create_task(loop.sock_accept(listener))
            await loop.sock_connect(client, listener.getsockname())
            server, address = await accepting
            assert address == client.getsockname()
            with server:
                sending = asyncio.create_task(loop.sock_sendall(client, b"x" * 3_000_000))
                buffer, total = bytearray(100_000), 0
                while total < 3_000_000:
                    total += await loop.sock_recv_into(server, buffer)
                await sending
                await loop.sock_sendall(server, b"back")
                assert await loop.sock_recv(client, 10) == b"back"
                server.close()
                assert await loop.sock_recv(client, 10) == b""

    asyncio.run(main())


def test_files_are_sent_through_transports(platform: Platform, tmp_path: Path) -> None:
    """With the system's own call where there is one, and without it."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789" * 20_000)

    async def main(content: Any) -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        async with serving(echo) as server:
            reader, writer = await open_to(server)
            receiving = asyncio.create_task(reader.read())
            sent = await loop.sendfile(writer.transport, content, 5, 150_000)
            writer.write_eof()
            received = await receiving
            await closed(writer)
            return sent, len(received)

    content = io.BytesIO(path.read_bytes()) if isinstance(platform, Simulated) else path.open("rb")
    with content:
        assert asyncio.run(main(content)) == (150_000, 150_000)


def test_readers_and_writers_can_be_watched(platform: Platform) -> None:
    async def main() -> list[str]:
        loop, seen, done = asyncio.get_running_loop(), [], asyncio.Event()
        one, two = socket.socketpair()
        with one, two:

            def readable() -> None:
                seen.append(f"read {one.recv(10)!r}")
                assert loop.remove_reader(one)
                loop.add_writer(one, writable)

            def writable() -> None:
                seen.append("writable")
                assert loop.remove_writer(one)
                assert not loop.remove_writer(one)
                done.set()

            loop.add_reader(one, readable)
            two.send(b"x")
            await done.wait()
        return seen

    assert asyncio.run(main()) == ["read b'x'", "writable"]


# -- tasks and time --------------------------------------------------------------------------------
def test_time_orders_tasks(platform: Platform) -> None:
    """Sleeps of different lengths wake in the order of their lengths, ties in the order of calling."""

    async def main() -> list[Any]:
        woken: list[Any] = []

        async def sleep(name: Any, seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append(name)

        async with asyncio.TaskGroup() as group:
            for name, seconds in (("c", 0.02), ("a", 0.0), ("b", 0.01)):
                group.create_task(sleep(name, seconds))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        return woken

    assert asyncio.run(main()) == ["a", "b", "c"]


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_groups_cancel_the_rest_when_one_fails(platform: Platform, failing: int) -> None:
    async def main() -> list[str]:
        ends = ["?"] * 3

        async def work(number: int) -> None:
            try:
                await asyncio.sleep(0)
                if number == failing:
                    raise ValueError(number)
                await asyncio.sleep(3600)
            except BaseException as error:
                ends[number] = type(error).__name__
                raise

        with pytest.raises(ExceptionGroup) as caught:
            async with asyncio.TaskGroup() as group:
                for number in range(3):
                    group.create_task(work(number))
        assert [error.args for error in caught.value.exceptions] == [(failing,)]
        return ends

    expected = ["CancelledError"] * 3
    expected[failing] = "ValueError"
    assert asyncio.run(main()) == expected


def test_the_virtual_clock_is_exact(world: Simulated) -> None:
    """Ten sleeps at once take one; ten in a row take ten: to the nanosecond."""

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        readings = [world.kernel.now_ns]
        await asyncio.gather(*(asyncio.sleep(0.1) for _ in range(10)))
        readings.append(world.kernel.now_ns)
        for _ in range(10):
            await asyncio.sleep(0.1)
        readings.append(world.kernel.now_ns)
        await asyncio.sleep(1 / 3)
        assert loop.time() == world.kernel.now_ns / 1e9
        return [*readings, world.kernel.now_ns]

    zero, together, in_a_row, third = asyncio.run(main())
    assert (zero, together, in_a_row) == (0, 100_000_000, 1_100_000_000)
    assert third - in_a_row == 333_333_334  # deadlines are rounded up


def test_debug_mode_changes_nothing(platform: Platform) -> None:
    async def main() -> bytes:
        async with serving(echo) as server:
            reader, writer = await open_to(server)
            writer.write(b"debug")
            writer.write_eof()
            answer = await reader.read()
            await closed(writer)
            await asyncio.to_thread(int)
            return answer

    assert asyncio.run(main(), debug=True) == b"debug"


def run_each(*mains: Callable[[], Coroutine[Any, Any, Any]]) -> list[Any]:
    return [asyncio.run(main()) for main in mains]


def test_loops_follow_one_another(platform: Platform) -> None:
    """Each `asyncio.run` has a loop of its own, closed when it is done."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> bool:
        loops.append(asyncio.get_running_loop())
        return loops[-1].is_running()

    assert run_each(main, main) == [True, True]
    assert loops[0] is not loops[1]
    assert all(loop.is_closed() for loop in loops)

"""Clients and servers that know nothing of the simulation run on it unmodified.

The third-party ones are the extra `clients`; where one is missing its tests fail, not skip.
"""

from __future__ import annotations

import asyncio
import http.client
import http.server
import json
import socket
import socketserver
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import aiohttp.web
import anyio
import anyio.to_thread
import httpx
import pytest
import websockets.asyncio.client
import websockets.asyncio.server
import websockets.sync.client
from platforms import Aside, Simulated, closed, serving

MS = 1_000_000


@pytest.fixture(scope="module", autouse=True)
def threads_before() -> list[threading.Thread]:
    """Those of this process before the first of these tests; other tests may keep some."""
    return threading.enumerate()


@contextmanager
def http_host(world: Simulated, name: str = "far", **link: Any) -> Iterator[str]:
    """A threaded HTTP server of the standard library on a host; answers after a second."""

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(1)
            self._say(404 if self.path == "/missing" else 200, self.path.encode())

        def do_POST(self) -> None:
            self._say(201, self.rfile.read(int(self.headers["Content-Length"])).upper())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    host = world.net.add_host(name, **link)
    with http.server.ThreadingHTTPServer((host.address, 80), Answer) as server:
        serving = Aside(server.serve_forever)
        try:
            yield f"http://{name}"
        finally:
            server.shutdown()
            serving.result()


# -- the standard library --------------------------------------------------------------------------
def test_urllib_fetches_posts_and_reports_errors(world: Simulated) -> None:
    with http_host(world) as url:
        with urllib.request.urlopen(f"{url}/page") as answer:
            assert (answer.status, answer.read()) == (200, b"/page")
        assert world.now_s == 1
        with urllib.request.urlopen(f"{url}/", b"data") as answer:
            assert (answer.status, answer.read()) == (201, b"DATA")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{url}/missing")
        caught.value.close()
        with pytest.raises(TimeoutError, match="timed out"):
            urllib.request.urlopen(f"{url}/slow", timeout=0.5)
        with pytest.raises(urllib.error.URLError, match="Name or service not known"):
            urllib.request.urlopen("http://nowhere/")
        with pytest.raises(urllib.error.URLError, match="refused"):
            urllib.request.urlopen(f"{url}:81/")


def test_http_client_keeps_its_connection(world: Simulated) -> None:
    with http_host(world) as _:
        connection = http.client.HTTPConnection("far", timeout=5)
        addresses = set()
        for number in range(3):
            connection.request("GET", f"/{number}")
            assert connection.getresponse().read() == b"/%d" % number
            addresses.add(connection.sock.getsockname())
        connection.close()
        assert len(addresses) == 1
        assert world.now_s == 3


def test_a_threading_server_serves_all_at_once(world: Simulated) -> None:
    """A thread per connection: a silent client holds nobody up."""

    class Echo(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                time.sleep(1)
                self.wfile.write(line.upper())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    def ask(number: int) -> bytes:
        with socket.create_connection(("localhost", 7000)) as sock, sock.makefile("rwb") as file:
            file.write(b"hello %d\n" % number)
            file.flush()
            return bytes(file.readline())

    with Server(("", 7000), Echo) as server:
        serving = Aside(server.serve_forever, 0.1)
        with socket.create_connection(("localhost", 7000)):
            asking = [Aside(ask, number) for number in range(10)]
            answers = [one.result() for one in asking]
        server.shutdown()
        serving.result()
    assert answers == [b"HELLO %d\n" % number for number in range(10)]
    assert 1 <= world.now_s < 1.2


def test_logging_reaches_a_collector_over_a_socket(world: Simulated) -> None:
    """`logging.handlers.SocketHandler`, whose lock is held while it sends."""
    import logging.handlers

    got: list[bytes] = []

    class Take(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            got.append(self.rfile.read())

    with socketserver.ThreadingTCPServer(("", 9020), Take) as server:
        serving = Aside(server.serve_forever)
        handler = logging.handlers.SocketHandler("localhost", 9020)
        logger = logging.getLogger("tests.sim.collector")
        logger.propagate = False
        logger.addHandler(handler)
        for one in [Aside(logger.warning, "message %d", number) for number in range(3)]:
            one.result()
        logger.removeHandler(handler)
        handler.close()
        server.shutdown()
        serving.result()
    assert [b"message %d" % number in got[0] for number in range(3)] == [True] * 3


# -- httpx -----------------------------------------------------------------------------------------
def test_httpx_in_threads_and_on_the_loop(world: Simulated) -> None:
    with http_host(world) as url:
        with httpx.Client(base_url=url) as client:
            assert client.get("/page").text == "/page"
            assert client.post("/", content=b"data").text == "DATA"
            with pytest.raises(httpx.ReadTimeout):
                client.get("/slow", timeout=0.5)
        start = world.now_s

        async def main() -> list[str]:
            async with httpx.AsyncClient(base_url=url) as client:
                answers = await asyncio.gather(*(client.get(f"/{number}") for number in range(10)))
                return [answer.text for answer in answers]

        assert asyncio.run(main()) == [f"/{number}" for number in range(10)]
        assert world.now_s - start == 1


def test_httpx_streams_and_bounds_its_pool(world: Simulated) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1)
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
        )
        await closed(writer)

    far = world.net.add_host("far")

    async def main() -> tuple[list[int], float]:
        limits = httpx.Limits(max_connections=2)
        async with serving(page, far.address, 80), httpx.AsyncClient(limits=limits, timeout=60) as client:

            async def size() -> int:
                async with client.stream("GET", "http://far/") as answer:
                    return sum([len(part) async for part in answer.aiter_bytes()])

            return await asyncio.gather(*(size() for _ in range(4))), world.now_s

    assert asyncio.run(main()) == ([300_000] * 4, 2.0)


# -- aiohttp ---------------------------------------------------------------------------------------
def test_aiohttp_at_both_ends_keeps_connections_alive(world: Simulated) -> None:
    far = world.net.add_host("far", latency_ns=10 * MS)
    peers: set[Any] = set()

    async def answer(request: aiohttp.web.Request) -> aiohttp.web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        await asyncio.sleep(1)
        return aiohttp.web.json_response({"path": request.path, "body": await request.text()})

    async def main() -> tuple[list[Any], float]:
        app = aiohttp.web.Application()
        app.router.add_route("*", "/{path}", answer)
        runner = aiohttp.web.AppRunner(app, access_log=None)
        await runner.setup()
        await aiohttp.web.TCPSite(runner, far.address, 80).start()
        async with aiohttp.ClientSession("http://far") as session:

            async def ask(number: int) -> Any:
                async with session.post(f"/{number}", data=f"body {number}") as answer:
                    return await answer.json()

            in_a_row = [await ask(number) for number in range(3)]
            assert len(peers) == 1
            together = await asyncio.gather(*(ask(number) for number in range(3, 8)))
            elapsed = world.now_s
            with pytest.raises(asyncio.TimeoutError):
                await session.get("/slow", timeout=aiohttp.ClientTimeout(total=0.5))
        await runner.cleanup()
        return [*in_a_row, *together], elapsed

    answers, elapsed = asyncio.run(main())
    assert answers == [{"path": f"/{number}", "body": f"body {number}"} for number in range(8)]
    assert elapsed == pytest.approx(4 + 5 * 0.02 + 0.02, abs=0.05)
    assert len(peers) >= 5


# -- websockets ------------------------------------------------------------------------------------
def test_websockets_at_both_ends(world: Simulated) -> None:
    far = world.net.add_host("far", latency_ns=10 * MS)

    async def talk(socket: websockets.asyncio.server.ServerConnection) -> None:
        async for message in socket:
            await socket.send(json.dumps({"heard": message}))

    async def main() -> list[Any]:
        async with (
            websockets.asyncio.server.serve(talk, far.address, 8000),
            websockets.asyncio.client.connect("ws://far:8000") as client,
        ):
            await client.send("one")
            await client.send("two " * 30_000)
            first, second = json.loads(await client.recv()), json.loads(await client.recv())
            pong = await client.ping()
            latency = await pong

            def in_a_thread() -> Any:
                with websockets.sync.client.connect("ws://far:8000") as blocking:
                    blocking.send("three")
                    return json.loads(blocking.recv())

            third = await asyncio.to_thread(in_a_thread)
            return [first["heard"], len(second["heard"]), round(latency, 6), third["heard"]]

    assert asyncio.run(main()) == ["one", 120_000, 0.02, "three"]


# -- anyio -----------------------------------------------------------------------------------------
def test_anyio_runs_threads_groups_and_streams(world: Simulated) -> None:
    async def main() -> tuple[list[Any], float]:
        got: list[Any] = []

        async def nap(number: int) -> None:
            got.append(await anyio.to_thread.run_sync(lambda: (time.sleep(1), number)[1]))

        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(nap, number)
        with anyio.move_on_after(2) as scope:
            await anyio.sleep(60)
        assert scope.cancelled_caught
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(anyio.abc.SocketAttribute.local_port)

        async def echo(stream: anyio.abc.SocketStream) -> None:
            async with stream:
                await stream.send(await stream.receive())

        async with listener, anyio.create_task_group() as group:
            group.start_soon(listener.serve, echo)
            async with await anyio.connect_tcp("127.0.0.1", port) as client:
                await client.send(b"over anyio")
                got.append(await client.receive())
            group.cancel_scope.cancel()
        return got, world.now_s

    got, elapsed = anyio.run(main)
    assert sorted(got[:3]) == [0, 1, 2]
    assert (got[3], elapsed) == (b"over anyio", 3.0)


def test_nothing_of_all_this_leaves_threads_behind(threads_before: list[threading.Thread]) -> None:
    """The worlds of these tests are over, and so are their threads."""
    assert [thread.name for thread in threading.enumerate() if thread not in threads_before] == []

"""Misconceptions about connections and the bytes on them."""

from __future__ import annotations

import ast

from grader.records import Verdict
from grader.trace.misconceptions.entry import LARGE, LEFT, NO_LINE, SLOW, STUCK, WRONG, Scene, misconception
from grader.trace.misconceptions.idioms import started_together
from grader.trace.misconceptions.names import dotted, inside, last_name

_OPENERS = ("asyncio.open_connection", "asyncio.open_unix_connection")


@misconception(
    title="connection never closed",
    why=(
        "A connection stays open until you close it: close the writer, best in a finally, and wait for "
        "it to be closed."
    ),
    hint_step=3,
    section="Streams: StreamWriter",
    verdicts=LEFT | WRONG | STUCK,
    example="""
        import asyncio

        async def read_line(host, port):
            reader, writer = await asyncio.open_connection(host, port)
            return await reader.readline()
    """,
    instead="""
        import asyncio

        async def read_line(host, port):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                return await reader.readline()
            finally:
                writer.close()
                await writer.wait_closed()
    """,
)
def forgot_close(scene: Scene) -> int | None:
    if scene.history.open_sockets and scene.verdict is Verdict.LEAKED:
        return scene.history.open_sockets[0][1] or NO_LINE
    if scene.code.mentions("close", "aclose", "abort", "closing"):
        return None
    return next((call.lineno for call in scene.code.calls(*_OPENERS)), None)


@misconception(
    title="one read taken for the whole message",
    why=(
        "A stream has no messages: one read gives whatever has arrived, which may be half a line or two "
        "of them."
    ),
    hint_step=2,
    section="Streams: StreamReader",
    verdicts=WRONG | STUCK,
    example="""
        import asyncio

        async def ask(host, port):
            reader, writer = await asyncio.open_connection(host, port)
            answer = await reader.read(1024)
            writer.close()
            return answer.decode()
    """,
    instead="""
        import asyncio

        async def ask(host, port):
            reader, writer = await asyncio.open_connection(host, port)
            answer = await reader.read()
            writer.close()
            return answer.decode()
    """,
)
def one_read_is_a_message(scene: Scene) -> int | None:
    for call in scene.code.methods("read"):
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        is_some = bool(call.args) and isinstance(call.args[0], (ast.Constant, ast.Name))
        named = "reader" in last_name(receiver).lower() or last_name(receiver) in ("stdout", "stderr")
        if is_some and named and scene.code.loop_of(call) is None:
            return call.lineno
    return None


@misconception(
    title="decoded piece by piece",
    why="A piece of a stream may end inside a character: put the pieces together first, then decode them.",
    hint_step=2,
    section="Streams: StreamReader",
    verdicts=WRONG,
    example="""
        async def text_of(reader):
            text = ""
            while chunk := await reader.read(100):
                text += chunk.decode()
            return text
    """,
    instead="""
        async def text_of(reader):
            data = b""
            while chunk := await reader.read(100):
                data += chunk
            return data.decode()
    """,
)
def decoded_piece_by_piece(scene: Scene) -> int | None:
    for call in scene.code.methods("decode"):
        loop, decoded = scene.code.loop_of(call), call.func
        if loop is None or not isinstance(decoded, ast.Attribute):
            continue
        at_once = any(_is_partial_read(found) for found in inside(decoded.value, ast.Await))
        reads = [found for found in inside(loop, ast.Await) if _is_partial_read(found)]
        if at_once or any(_is_bound_to(scene, found, dotted(decoded.value)) for found in reads):
            return call.lineno
    return None


def _is_partial_read(found: ast.Await) -> bool:
    call = found.value
    return isinstance(call, ast.Call) and last_name(call.func) == "read" and bool(call.args)


def _is_bound_to(scene: Scene, found: ast.Await, name: str) -> bool:
    """Whether what an await gives gets this name."""
    parent = scene.code.parents[found]
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    if isinstance(parent, ast.NamedExpr):
        targets = [parent.target]
    return bool(name) and name in map(dotted, targets)


@misconception(
    title="each end waits for the other's",
    why=(
        "You read to the end of the stream while the other side still waits for the end of yours: say it"
        " with write_eof."
    ),
    hint_step=2,
    section="Streams: StreamWriter",
    verdicts=frozenset({Verdict.DEADLOCK}),
    example="""
        import asyncio

        async def ask(host, port, question):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(question)
            await writer.drain()
            answer = await reader.read()
            writer.close()
            return answer
    """,
    instead="""
        import asyncio

        async def ask(host, port, question):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(question)
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            return answer
    """,
)
def no_half_close(scene: Scene) -> int | None:
    if scene.code.mentions("write_eof", "shutdown") or not scene.code.methods("write", "writelines"):
        return None
    awaited = [found.value for found in scene.code.each(ast.Await) if isinstance(found.value, ast.Call)]
    to_the_end = [call for call in awaited if last_name(call.func) == "read"]
    whole = [call for call in to_the_end if not call.args or scene.code.loop_of(call) is not None]
    return whole[0].lineno if whole else None


@misconception(
    title="written without drain",
    why=(
        "write only fills a buffer; without await drain() nothing holds the writer back when the other "
        "end is slow."
    ),
    hint_step=3,
    section="Streams: StreamWriter",
    verdicts=WRONG | LARGE,
    example="""
        async def relay(reader, writer):
            while data := await reader.read(4096):
                writer.write(data)
            writer.close()
    """,
    instead="""
        async def relay(reader, writer):
            while data := await reader.read(4096):
                writer.write(data)
                await writer.drain()
            writer.close()
    """,
)
def written_without_drain(scene: Scene) -> int | None:
    if scene.code.mentions("drain"):
        return None
    for call in scene.code.methods("write"):
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        if "writer" in last_name(receiver).lower() and scene.code.loop_of(call) is not None:
            return call.lineno
    return None


_CLIENTS = ("httpx.AsyncClient", "aiohttp.ClientSession")


@misconception(
    title="a client for every request",
    why="A client keeps connections to use again; one made for each request throws them away each time.",
    hint_step=2,
    section="Streams: Stream Functions",
    verdicts=WRONG | SLOW | LARGE,
    example="""
        import asyncio
        import httpx

        async def fetch(url):
            async with httpx.AsyncClient() as client:
                return (await client.get(url)).text

        async def fetch_all(urls):
            return await asyncio.gather(*(fetch(url) for url in urls))
    """,
    instead="""
        import asyncio
        import httpx

        async def fetch(client, url):
            return (await client.get(url)).text

        async def fetch_all(urls):
            async with httpx.AsyncClient() as client:
                return await asyncio.gather(*(fetch(client, url) for url in urls))
    """,
)
def client_per_call(scene: Scene) -> int | None:
    together = started_together(scene.code)
    for call in scene.code.calls(*_CLIENTS):
        function = scene.code.function_of(call)
        if function is not None and (function in together or scene.code.loop_of(call)):
            return call.lineno
    return None

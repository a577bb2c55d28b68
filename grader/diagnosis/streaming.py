"""Misconceptions about connections and the bytes on them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.diagnosis.entry import LARGE, LEFT, NO_LINE, SLOW, STUCK, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import handed_to_threads, started_together
from grader.diagnosis.names import dotted, inside, last_name
from grader.records import Verdict

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
        lines = list(dict.fromkeys(line for _, line in scene.history.open_sockets))[:_MOST_LINES]
        return next((line or NO_LINE for line in lines if not _is_seen_to(scene, line)), None)
    if scene.code.mentions(*_CLOSERS):
        return None
    return next((call.lineno for call in scene.code.calls(*_OPENERS)), None)


_CLOSERS = ("close", "aclose", "abort", "closing", "aclosing")
_MOST_LINES = 20
_LOOPS_OF_THEIR_OWN = ("run", "new_event_loop", "Runner")


def _is_seen_to(scene: Scene, line: int | None) -> bool:
    """Whether what this line opened is closed by whoever opened it, once that comes to its end.

    It is open, then, because somebody has not ended who should have: a task, a thread.
    """
    opened = [call for call in scene.code.each(ast.Call) if _spans(call, line)]
    if any(last_name(call.func) in _LOOPS_OF_THEIR_OWN for call in opened):
        return True  # what an event loop opens for itself
    home = next((function for function in map(scene.code.function_of, opened) if function), None)
    if home is None or line is None:
        return False
    if _closes(scene, home, line) or any(_closes(scene, *call) for call in _calls_of(scene, home)):
        return True
    return any(name in home.mentions for name in _CLOSERS) and _is_at_work(scene, home)


def _spans(node: ast.expr, line: int | None) -> bool:
    return line is not None and node.lineno <= line <= (node.end_lineno or node.lineno)


def _calls_of(scene: Scene, opener: Function) -> Iterator[tuple[Function, int]]:
    """Where a function that may open a connection for others is called: (the caller, the line)."""
    for call in scene.code.each(ast.Call):
        caller = scene.code.function_of(call)
        if caller is not None and not opener.is_generator and last_name(call.func) == opener.name:
            yield caller, call.lineno


def _closes(scene: Scene, function: Function, line: int) -> bool:
    """Whether what this line of a function opened is closed there, or by its class, however it ends."""
    opened = {name for name, bound in function.stores.items() if any(each.lineno == line for each in bound)}
    if any(_closes_at_its_end(node, line, opened) for node in function.own):
        return True
    leaving = [each for name in ("__aexit__", "__exit__") for each in scene.code.by_name.get(name, ())]
    return any(each.owner == function.owner and _mentions_closing(each.node) for each in leaving)


def _closes_at_its_end(node: ast.AST, line: int, opened: set[str]) -> bool:
    """Whether a `with` or a `finally` closes what was opened on a line, under one of these names perhaps."""
    if isinstance(node, ast.Try):
        return any(line <= each.lineno and _mentions_closing(each) for each in node.finalbody)
    if not isinstance(node, (ast.With, ast.AsyncWith)):
        return False
    entered = [item.context_expr for item in node.items]
    later = [each for each in entered if line <= each.lineno]
    closes = any(dotted(each) in opened or _mentions_closing(each) for each in later)
    return closes or any(_spans(each, line) for each in entered)


def _mentions_closing(node: ast.AST) -> bool:
    return any(last_name(each) in _CLOSERS for each in ast.walk(node))


def _is_at_work(scene: Scene, function: Function) -> bool:
    """Whether a task was left waiting in this function, or a thread may have been left in it."""
    last = function.node.end_lineno or function.line
    if any(function.line <= (state.line or 0) <= last for state in scene.history.pending):
        return True
    return function in scene.code.reach_from(function for _, function in handed_to_threads(scene.code))


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

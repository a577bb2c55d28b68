"""Misconceptions about cancellation and timeouts."""

from __future__ import annotations

import ast

from grader.diagnosis.code import LOOPS
from grader.diagnosis.entry import ANY, LEFT, SLOW, STUCK, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import CANCELLATIONS, catches_cancellation
from grader.diagnosis.names import inside, last_name


@misconception(
    title="cancellation swallowed",
    why="A CancelledError that is caught and not raised again turns a cancelled task into one that goes on.",
    hint_step=2,
    section="Coroutines and Tasks: Task Cancellation",
    verdicts=ANY,
    example="""
        import asyncio

        async def worker(queue, handle):
            while True:
                try:
                    await handle(await queue.get())
                except asyncio.CancelledError:
                    print("asked to stop")
    """,
    instead="""
        import asyncio

        async def worker(queue, handle):
            while True:
                try:
                    await handle(await queue.get())
                except asyncio.CancelledError:
                    print("asked to stop")
                    raise
    """,
)
def cancellation_swallowed(scene: Scene) -> int | None:
    for tried in scene.code.each(ast.Try):
        if not any(True for _ in inside(tried.body, ast.Await, ast.AsyncWith, ast.AsyncFor)):
            continue
        if _awaits_what_was_cancelled(scene, tried.body):
            continue
        for handler in tried.handlers:
            if catches_cancellation(handler):
                if _goes_on(handler):
                    return handler.lineno
                break
        leaving = list(inside(tried.finalbody, ast.Return))
        if leaving:
            return leaving[0].lineno
    return _suppressed(scene)


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether, on some way through the handler, the error it caught is not raised again."""
    for statement in handler.body:
        raises = [statement] if isinstance(statement, ast.Raise) else []
        if isinstance(statement, (ast.With, ast.AsyncWith, ast.Try)):
            raises = [each for each in statement.body if isinstance(each, ast.Raise)]
        for raised in raises:
            if raised.exc is None or (isinstance(raised.exc, ast.Name) and raised.exc.id == handler.name):
                return False
    return True


def _awaits_what_was_cancelled(scene: Scene, body: list[ast.stmt]) -> bool:
    """Whether a block only waits for a task that this function cancelled: there the error is the answer."""
    awaited = [found.value for found in inside(body, ast.Await)]
    function = scene.code.function_of(awaited[0]) if awaited else None
    if function is None or "cancel" not in function.mentions:
        return False
    return all(
        not isinstance(value, ast.Call) or last_name(value.func) in ("gather", "wait") for value in awaited
    )


def _suppressed(scene: Scene) -> int | None:
    """The line of a `with suppress(CancelledError)` around an await of anything but a cancelled task."""
    for node in scene.code.each(ast.With):
        for item in node.items:
            call = item.context_expr
            if not isinstance(call, ast.Call) or last_name(call.func) != "suppress":
                continue
            catches = any(last_name(kind) in CANCELLATIONS for kind in call.args)
            awaits = any(True for _ in inside(node.body, ast.Await))
            if catches and awaits and not _awaits_what_was_cancelled(scene, node.body):
                return node.lineno
    return None


@misconception(
    title="shielded, but nobody holds it",
    why=(
        "shield keeps a cancel from what is inside, not from the waiting: without a task of your own "
        "nobody sees it end."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Shielding From Cancellation",
    verdicts=LEFT | WRONG,
    example="""
        import asyncio

        async def store(record, commit):
            await asyncio.shield(commit(record))
    """,
    instead="""
        import asyncio

        async def store(record, commit):
            task = asyncio.create_task(commit(record))
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                await task
                raise
    """,
)
def shield_without_reference(scene: Scene) -> int | None:
    for call in scene.code.calls("asyncio.shield"):
        held = call.args and not isinstance(call.args[0], ast.Call)
        if not held and isinstance(scene.code.parents[call], ast.Await):
            return call.lineno
    return None


_TIMES = ("timeout", "deadline", "budget", "patience", "seconds", "within")
_TOTALS = ("deadline", "total", "overall", "budget")
_TIMERS = ("asyncio.timeout", "asyncio.wait_for")


@misconception(
    title="no timeout at all",
    why="An await waits as long as it takes; a time that is given and never used limits nothing.",
    hint_step=1,
    section="Coroutines and Tasks: Timeouts",
    verdicts=WRONG | STUCK | SLOW,
    example="""
        async def read_all(servers, read, timeout):
            return [await read(server) for server in servers]
    """,
    instead="""
        import asyncio

        async def read_one(server, read, timeout):
            async with asyncio.timeout(timeout):
                return await read(server)

        async def read_all(servers, read, timeout):
            return await asyncio.gather(*(read_one(server, read, timeout) for server in servers))
    """,
)
def no_timeout(scene: Scene) -> int | None:
    for entry in scene.code.entries:
        given = [name for name in entry.parameters if any(word in name.lower() for word in _TIMES)]
        if entry.is_async and any(name not in _used(scene, entry) for name in given):
            return entry.line
    return None


def _used(scene: Scene, function: Function) -> set[str]:
    """Plain names that a function or one inside it uses."""
    return set(function.loads).union(*(inner.loads for inner in scene.code.within(function)))


@misconception(
    title="a timeout around each, not around the whole",
    why=(
        "Every turn of the loop gets the whole time anew, so together they may take far longer than was "
        "allowed."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Timeouts",
    verdicts=WRONG | SLOW,
    example="""
        import asyncio

        async def fetch_patiently(url, fetch, total):
            while True:
                try:
                    return await asyncio.wait_for(fetch(url), total)
                except ConnectionError:
                    await asyncio.sleep(1)
    """,
    instead="""
        import asyncio

        async def fetch_patiently(url, fetch, total):
            async with asyncio.timeout(total):
                while True:
                    try:
                        return await fetch(url)
                    except ConnectionError:
                        await asyncio.sleep(1)
    """,
)
def timeout_around_each_not_whole(scene: Scene) -> int | None:
    for call in scene.code.calls(*_TIMERS):
        times = list(inside([*call.args[-1:], *call.keywords], ast.Name))
        is_total = any(word in name.id.lower() for name in times for word in _TOTALS)
        computed = any(True for _ in inside([*call.args[-1:], *call.keywords], ast.BinOp))
        if is_total and not computed and scene.code.enclosing(call, LOOPS) is not None:
            return call.lineno
    return None

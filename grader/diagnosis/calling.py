"""Misconceptions about what a coroutine is and how it is called."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from grader.diagnosis.entry import ANY, HELD, LEFT, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import (
    awaits,
    blocking_calls,
    is_asynchronous,
    is_blocking,
    spawns,
)
from grader.diagnosis.names import inside
from grader.records import Verdict

_UNRUN = frozenset({Verdict.NOT_LOADABLE})


@misconception(
    title="asyncio.run inside a running loop",
    why=(
        "asyncio.run starts a new event loop, but your code is already running in one: await the "
        "coroutine instead."
    ),
    hint_step=1,
    section="Runners: Running an asyncio Program",
    verdicts=WRONG | HELD | LEFT | _UNRUN,
    example="""
        import asyncio

        async def read(name):
            await asyncio.sleep(1)
            return name

        def read_all(names):
            return asyncio.run(read(names[0]))
    """,
    instead="""
        import asyncio

        async def read(name):
            await asyncio.sleep(1)
            return name

        async def read_all(names):
            return await read(names[0])
    """,
)
def run_inside_loop(scene: Scene) -> int | None:
    code = scene.code
    on_the_loop = [*code.entries, *code.on_the_loop]
    for call in [*code.calls("asyncio.run"), *code.methods("run_until_complete")]:
        if code.function_of(call) in on_the_loop and code.enclosing(call, (ast.Lambda,)) is None:
            return call.lineno
    return None


@misconception(
    title="still a plain function",
    why=(
        "A plain def holds the event loop from its first line to its last: it must become async def and "
        "await."
    ),
    hint_step=1,
    section="Coroutines and Tasks: Coroutines",
    verdicts=ANY | _UNRUN,
    example="""
        import time

        def read_all(names):
            return [read(name) for name in names]

        def read(name):
            time.sleep(1)
            return name
    """,
    instead="""
        import asyncio

        async def read_all(names):
            return await asyncio.gather(*(read(name) for name in names))

        async def read(name):
            await asyncio.sleep(1)
            return name
    """,
)
def not_a_coroutine(scene: Scene) -> int | None:
    knowing = scene.code.reaching(is_asynchronous)
    untouched = [entry for entry in scene.code.entries if entry not in knowing]
    if not untouched:
        return None
    guilty = _called(scene, untouched) or _blocking(scene, untouched)
    return _nearest(scene, guilty).line if guilty else None


def _called(scene: Scene, untouched: list[Function]) -> list[Function]:
    """Those from which a line is reached that held the loop, or that made a coroutine nobody awaited."""
    held = scene.code.reaching(_holding(scene.blocked_lines()))
    made = scene.code.reaching(_holding(_unawaited_lines(scene)))
    return [entry for entry in untouched if entry in held or (entry in made and not entry.owner)]


def _blocking(scene: Scene, untouched: list[Function]) -> list[Function]:
    """Those that would block, for all that the code says; `main` only if none of the others is untouched.

    A `main` tries the others out: what a check is about is rather one of those.
    """
    never_ran = scene.verdict in _UNRUN | {Verdict.RUNTIME_ERROR}
    found = [entry for entry in untouched if entry in scene.blockers or (never_ran and not entry.owner)]
    if any(entry.name != "main" for entry in found):
        return [entry for entry in found if entry.name != "main"]
    return [entry for entry in untouched if found and entry.name != "main" and not entry.owner] or found


_MOST_COMPARED = 20


def _nearest(scene: Scene, guilty: list[Function]) -> Function:
    """The one that the check called: what it reaches explains all that was seen, and it reaches least."""
    seen = _holding([*scene.blocked_lines(), *_unawaited_lines(scene)])
    ran = {function for function in scene.code.functions if seen(function)}
    reached = {entry: set(scene.code.reach_from([entry])) for entry in guilty[:_MOST_COMPARED]}
    explaining = [entry for entry in reached if ran <= reached[entry]] or list(reached)
    return min(explaining, key=lambda entry: len(reached[entry]))


def _unawaited_lines(scene: Scene) -> list[int]:
    return [line for _, line in scene.history.never_awaited if line is not None]


def _holding(blocked: Iterable[int]) -> Callable[[Function], bool]:
    """Asks whether one of these lines, which held the loop, is a function's."""
    lines = sorted(blocked)
    return lambda function: (
        bisect_left(lines, function.line) < bisect_right(lines, function.node.end_lineno or 0)
    )


@misconception(
    title="async put in front and nothing else",
    why=(
        "async def alone changes nothing: without an await inside, the function never lets anything else run."
    ),
    hint_step=1,
    section="Coroutines and Tasks: Coroutines",
    verdicts=ANY,
    example="""
        import time

        async def read_all(names):
            readings = []
            for name in names:
                time.sleep(1)
                readings.append(name)
            return readings
    """,
    instead="""
        import asyncio

        async def read_all(names):
            return await asyncio.gather(*(read(name) for name in names))

        async def read(name):
            await asyncio.sleep(1)
            return name
    """,
)
def async_in_front_only(scene: Scene) -> int | None:
    entries = [entry for entry in scene.code.entries if entry.is_async]
    reached = scene.code.reach_from(entries)
    if any(True for function in reached for _ in awaits(function)):
        return None
    if any(spawns(node) for function in reached for node in function.own):
        return None
    blocks = bool(scene.blocked_lines())
    if scene.verdict is not Verdict.RUNTIME_ERROR:  # what raised may not have come to block
        blocks = blocks or any(blocking_calls(scene.code, function) for function in reached)
    return entries[0].line if entries and blocks else None


@misconception(
    title="await in front of a plain call",
    why=(
        "await needs something that can be awaited; a plain function has already done its work, "
        "blocking, when it returns."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Awaitables",
    verdicts=ANY,
    example="""
        import time

        async def read(name):
            await time.sleep(1)
            return name
    """,
    instead="""
        import asyncio

        async def read(name):
            await asyncio.sleep(1)
            return name
    """,
)
def awaited_a_plain_call(scene: Scene) -> int | None:
    for found in scene.code.each(ast.Await):
        call = found.value
        if not isinstance(call, ast.Call):
            continue
        plain = scene.code.local(call)
        is_plain = plain is not None and not is_asynchronous(plain) and blocking_calls(scene.code, plain)
        if is_plain or (scene.code.name(call.func) and is_blocking(scene.code, call, awaited=True)):
            return found.lineno
    return None


_ASYNC_ONLY = (
    *("asyncio.Lock", "asyncio.Semaphore", "asyncio.BoundedSemaphore", "asyncio.Condition"),
    *("asyncio.TaskGroup", "asyncio.timeout", "asyncio.timeout_at"),
    *("httpx.AsyncClient", "aiohttp.ClientSession"),
)


@misconception(
    title="with instead of async with",
    why="Entering it may have to wait, so it is an asynchronous context manager: it takes async with.",
    hint_step=3,
    section="Synchronization Primitives: Lock",
    verdicts=WRONG,
    example="""
        import asyncio

        lock = asyncio.Lock()

        async def save(item, store):
            with lock:
                await store(item)
    """,
    instead="""
        import asyncio

        lock = asyncio.Lock()

        async def save(item, store):
            async with lock:
                await store(item)
    """,
)
def with_instead_of_async_with(scene: Scene) -> int | None:
    for node in scene.code.each(ast.With):
        if any(scene.code.kind(item.context_expr) in _ASYNC_ONLY for item in node.items):
            return node.lineno
    return None


@misconception(
    title="for instead of async for",
    why="An asynchronous generator may have to wait for its next item, so it is walked with async for.",
    hint_step=3,
    section="Coroutines and Tasks: Awaitables",
    verdicts=WRONG,
    example="""
        async def pages(fetch):
            page = await fetch(0)
            while page:
                yield page
                page = await fetch(page.next)

        async def titles(fetch):
            return [page.title for page in pages(fetch)]
    """,
    instead="""
        async def pages(fetch):
            page = await fetch(0)
            while page:
                yield page
                page = await fetch(page.next)

        async def titles(fetch):
            return [page.title async for page in pages(fetch)]
    """,
)
def for_instead_of_async_for(scene: Scene) -> int | None:
    sources = [node.iter for node in scene.code.each(ast.For)]
    sources += [node.iter for node in scene.code.each(ast.comprehension) if not node.is_async]
    for source in sources:
        called = scene.code.local(source)
        if called is not None and called.is_async and called.is_generator:
            return next(inside(source, ast.Call)).lineno
    return None

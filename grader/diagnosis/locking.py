"""Misconceptions about locks, semaphores and conditions: held too wide, by nobody else, or for ever."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import (
    LATE,
    SLOW,
    STUCK,
    WRONG,
    Scene,
    misconception,
)
from grader.diagnosis.idioms import (
    GATHERERS,
    LOCKS,
    is_lock,
    queue_loops,
    starts_work,
    unshared,
)
from grader.diagnosis.names import dotted, inside, last_name
from grader.records import Verdict


@misconception(
    title="lock held too wide",
    why=(
        "Whatever is awaited while a lock is held is awaited by all: hold it only around what must not "
        "interleave."
    ),
    hint_step=2,
    section="Synchronization Primitives: Lock",
    verdicts=LATE,
    example="""
        import asyncio

        lock = asyncio.Lock()

        async def read(name, fetch, readings):
            async with lock:
                readings[name] = await fetch(name)

        async def read_all(names, fetch):
            readings = {}
            await asyncio.gather(*(read(name, fetch, readings) for name in names))
            return readings
    """,
    instead="""
        import asyncio

        lock = asyncio.Lock()

        async def read(name, fetch, readings):
            value = await fetch(name)
            async with lock:
                readings[name] = value

        async def read_all(names, fetch):
            readings = {}
            await asyncio.gather(*(read(name, fetch, readings) for name in names))
            return readings
    """,
)
def lock_held_too_wide(scene: Scene) -> int | None:
    if not scene.one_at_a_time and not scene.waited_lines:
        return None
    fed = queue_loops(scene.code)
    for node in scene.code.each(ast.AsyncWith):
        loop = scene.code.loop_of(node)
        if loop is not None and loop not in fed:
            continue  # the loop is what waits for each item in turn
        is_held = any(is_lock(scene.code, item.context_expr) for item in node.items)
        if (
            is_held
            and scene.may_have_waited(node.lineno)
            and any(_takes_time(scene, found.value) for found in inside(node.body, ast.Await))
        ):
            return node.lineno
    return None


def _takes_time(scene: Scene, value: ast.AST) -> bool:
    """Whether awaiting `value` makes everybody wait who wants the lock."""
    names = ("asyncio.sleep", *GATHERERS)
    is_long = isinstance(value, ast.Call) and scene.code.name(value.func) in names
    return is_long or starts_work(scene.code, value)


@misconception(
    title="a lock of one's own for every call",
    why=(
        "A lock keeps out only those who take the same one; one made inside the function that takes it "
        "keeps out nobody."
    ),
    hint_step=2,
    section="Synchronization Primitives: Lock",
    verdicts=WRONG,
    example="""
        import asyncio

        async def deposit(store, amount):
            lock = asyncio.Lock()
            async with lock:
                balance = await store.read()
                await store.write(balance + amount)
    """,
    instead="""
        import asyncio

        lock = asyncio.Lock()

        async def deposit(store, amount):
            async with lock:
                balance = await store.read()
                await store.write(balance + amount)
    """,
)
def lock_per_call(scene: Scene) -> int | None:
    return unshared(scene.code, LOCKS)


@misconception(
    title="notify without the lock",
    why="A condition can be notified only by a task that holds its lock: put the notify inside async with.",
    hint_step=3,
    section="Synchronization Primitives: Condition",
    verdicts=WRONG | STUCK,
    example="""
        import asyncio

        ready = asyncio.Condition()

        async def announce():
            ready.notify_all()
    """,
    instead="""
        import asyncio

        ready = asyncio.Condition()

        async def announce():
            async with ready:
                ready.notify_all()
    """,
)
def notify_without_lock(scene: Scene) -> int | None:
    for call in scene.code.methods("notify", "notify_all"):
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        if scene.code.kind(receiver) == "asyncio.Condition" and not _holds(scene, call, receiver):
            return call.lineno
    return None


def _holds(scene: Scene, node: ast.AST, lock: ast.AST) -> bool:
    """Whether a node stands inside `async with lock`, or its function acquires it by hand."""
    for _, parent in scene.code.above(node):
        items = parent.items if isinstance(parent, ast.AsyncWith) else []
        if any(dotted(item.context_expr) == dotted(lock) for item in items):
            return True
    function = scene.code.function_of(node)
    return function is not None and "acquire" in function.mentions


@misconception(
    title="a condition waited for only once",
    why=(
        "Being woken does not mean that it is your turn: another task may have come first, so wait in a "
        "while loop."
    ),
    hint_step=3,
    section="Synchronization Primitives: Condition",
    verdicts=WRONG | STUCK,
    example="""
        import asyncio

        changed = asyncio.Condition()
        items = []

        async def take():
            async with changed:
                if not items:
                    await changed.wait()
                return items.pop()
    """,
    instead="""
        import asyncio

        changed = asyncio.Condition()
        items = []

        async def take():
            async with changed:
                while not items:
                    await changed.wait()
                return items.pop()
    """,
)
def wait_without_loop(scene: Scene) -> int | None:
    for call in scene.code.methods("wait"):
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        if (
            scene.code.kind(receiver) == "asyncio.Condition"
            and scene.code.enclosing(call, (ast.While,)) is None
        ):
            return call.lineno
    return None


@misconception(
    title="not released on an error",
    why=(
        "If what stands between acquire and release fails, the release is skipped and the place is lost "
        "for ever."
    ),
    hint_step=3,
    section="Synchronization Primitives: Semaphore",
    verdicts=WRONG | STUCK | SLOW,
    example="""
        import asyncio

        places = asyncio.Semaphore(5)

        async def fetch_in_place(url, fetch):
            await places.acquire()
            page = await fetch(url)
            places.release()
            return page
    """,
    instead="""
        import asyncio

        places = asyncio.Semaphore(5)

        async def fetch_in_place(url, fetch):
            async with places:
                return await fetch(url)
    """,
)
def release_skipped_on_error(scene: Scene) -> int | None:
    for function in scene.code.reached:
        calls = [node for node in function.own if isinstance(node, ast.Call)]
        takes = [call for call in calls if last_name(call.func) == "acquire"]
        gives = [call for call in calls if last_name(call.func) == "release"]
        if takes and gives and not any(_is_certain(scene, call) for call in gives):
            return gives[0].lineno
    return None


def _is_certain(scene: Scene, node: ast.AST) -> bool:
    """Whether a node runs also when something fails: in a `finally` or an `except`."""
    for child, parent in scene.code.above(node):
        if isinstance(child, ast.ExceptHandler):
            return True
        if isinstance(parent, ast.Try) and any(child is each for each in parent.finalbody):
            return True
    return False


@misconception(
    title="locks taken in a circle",
    why=(
        "Each task holds one lock and waits for the next one's: if all take them in one fixed order, no "
        "circle can close."
    ),
    hint_step=1,
    section="Synchronization Primitives: Lock",
    verdicts=STUCK,
    example="""
        import asyncio

        forks = [asyncio.Lock() for _ in range(5)]

        async def dine(seat, eat):
            async with forks[seat]:
                async with forks[(seat + 1) % 5]:
                    await eat(seat)
    """,
    instead="""
        import asyncio

        forks = [asyncio.Lock() for _ in range(5)]

        async def dine(seat, eat):
            first, second = sorted((seat, (seat + 1) % 5))
            async with forks[first]:
                async with forks[second]:
                    await eat(seat)
    """,
)
def locks_in_a_circle(scene: Scene) -> int | None:
    if scene.verdict is not Verdict.DEADLOCK and scene.code.mentions("wait_for", "timeout"):
        return None
    for function in scene.code.reached:
        if {"sorted", "min", "max"} & set(function.mentions):
            continue
        for node in (each for each in function.own if isinstance(each, ast.AsyncWith)):
            inner = [item for each in inside(node.body, ast.AsyncWith) for item in each.items]
            taken = [item.context_expr for item in [*node.items, *inner]]
            if sum(is_lock(scene.code, each) for each in taken) > 1:
                return taken[1].lineno
    return None

"""Misconceptions about what tasks share: locks, conditions, and state that an await leaves open."""

from __future__ import annotations

import ast

from grader.records import Verdict
from grader.trace.misconceptions.code import Function
from grader.trace.misconceptions.entry import LATE, SLOW, STUCK, WRONG, Scene, misconception
from grader.trace.misconceptions.idioms import (
    GATHERERS,
    LOCKS,
    is_lock,
    queue_loops,
    starts_work,
    unshared,
    uses,
)
from grader.trace.misconceptions.names import dotted, inside, last_name


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
    if not scene.one_at_a_time:
        return None
    fed = queue_loops(scene.code)
    for node in scene.code.each(ast.AsyncWith):
        loop = scene.code.loop_of(node)
        if loop is not None and loop not in fed:
            continue  # the loop is what waits for each item in turn
        is_held = any(is_lock(scene.code, item.context_expr) for item in node.items)
        if is_held and any(_takes_time(scene, found.value) for found in inside(node.body, ast.Await)):
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
    title="looked first, acted after an await",
    why=(
        "Between finding it missing and putting it there the code awaits, so every other task finds it "
        "missing too."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Creating Tasks",
    verdicts=WRONG,
    example="""
        cache = {}

        async def lookup_once(key, lookup):
            if key not in cache:
                cache[key] = await lookup(key)
            return cache[key]
    """,
    instead="""
        import asyncio

        cache = {}

        async def lookup_once(key, lookup):
            if key not in cache:
                cache[key] = asyncio.ensure_future(lookup(key))
            return await cache[key]
    """,
)
def check_then_await(scene: Scene) -> int | None:
    if scene.history.exchanges and not scene.asked_twice:
        return None
    for node in scene.code.each(ast.If):
        looked = {
            dotted(side) for test in inside(node.test, ast.Compare) for side in [test.left, *test.comparators]
        }
        looked |= {dotted(call.func).removesuffix(".get") for call in _lookups(node.test)}
        for found in inside(node.body, ast.Assign):
            stored = [
                target for target in found.targets if isinstance(target, (ast.Subscript, ast.Attribute))
            ]
            places = {dotted(each.value if isinstance(each, ast.Subscript) else each) for each in stored} - {
                ""
            }
            if places & looked and _awaits_before_storing(node, found) and _is_unguarded(scene, found):
                return found.lineno
    return None


def _lookups(test: ast.AST) -> list[ast.Call]:
    return [call for call in inside(test, ast.Call) if last_name(call.func) == "get"]


def _awaits_before_storing(node: ast.If, stored: ast.Assign) -> bool:
    return any(found.lineno <= (stored.end_lineno or 0) for found in inside(node.body, ast.Await))


def _is_unguarded(scene: Scene, node: ast.AST) -> bool:
    """Whether no `async with` stands around a node: whatever it holds may be what keeps others out."""
    return scene.code.enclosing(node, (ast.AsyncWith,)) is None


@misconception(
    title="state changed across an await",
    why="It was read before an await and written after it: what others wrote in between is overwritten.",
    hint_step=1,
    section="Synchronization Primitives: Lock",
    verdicts=WRONG,
    example="""
        async def deposit(store, account, amount):
            balance = await store.read(account)
            await store.write(account, balance + amount)
    """,
    instead="""
        import asyncio

        lock = asyncio.Lock()

        async def deposit(store, account, amount):
            async with lock:
                balance = await store.read(account)
                await store.write(account, balance + amount)
    """,
)
def shared_state_across_await(scene: Scene) -> int | None:
    for added in scene.code.each(ast.AugAssign):
        is_shared = isinstance(added.target, (ast.Attribute, ast.Subscript))
        if is_shared and any(True for _ in inside(added.value, ast.Await)) and _is_unguarded(scene, added):
            return added.lineno
    for function in (each for each in scene.code.reached if each.is_async):
        line = _written_back(scene, function) or _kept_in_global(scene, function)
        if line is not None:
            return line
    return None


def _kept_in_global(scene: Scene, function: Function) -> int | None:
    """The line that uses, on the far side of an await, what the function itself put into a global name."""
    declared = [name for node in function.own if isinstance(node, ast.Global) for name in node.names]
    awaits = [node for node in function.own if isinstance(node, ast.Await)]
    for name in declared:
        stores = [each.lineno for each in function.stores.get(name, ())]
        between = [found.lineno for found in awaits if stores and found.lineno > min(stores)]
        for use in function.loads.get(name, ()):
            if between and use.lineno >= min(between) and _is_unguarded(scene, use):
                return use.lineno
    return None


def _written_back(scene: Scene, function: Function) -> int | None:
    """The line that writes what it computed from a read on the far side of an await."""
    reads = [
        node
        for node in function.own
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    awaits = [node.lineno for node in function.own if isinstance(node, ast.Await)]
    for read in reads[:_MOST_READS]:
        source, names = _source(read.value), {name.id for name in inside(read.targets[0], ast.Name)}
        for node in function.own if source else ():
            if not _writes(node, source, names) or not _is_unguarded(scene, node):
                continue
            line: int = getattr(node, "lineno", 0)
            if any(read.lineno < at <= line for at in awaits) and read.lineno < line:
                return line
    return None


_MOST_READS = 50


def _source(value: ast.AST) -> str:
    """Where a value was read from: `self.n`, `known` of `known[key]`, `store` of `await store.read()`."""
    if isinstance(value, ast.Await) and isinstance(value.value, ast.Call):
        function = value.value.func
        is_read = isinstance(function, ast.Attribute) and function.attr.startswith(
            ("read", "get", "load", "fetch")
        )
        return dotted(function.value) if is_read and isinstance(function, ast.Attribute) else ""
    if isinstance(value, ast.Subscript):
        return dotted(value.value)
    return dotted(value) if isinstance(value, ast.Attribute) else ""


def _writes(node: ast.AST, source: str, names: set[str]) -> bool:
    """Whether a node stores into `source` something computed from `names`."""
    if isinstance(node, ast.Assign) and uses(node.value, names):
        return any(_source(target) == source for target in node.targets)
    if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
        call = node.value
        is_write = last_name(call.func).startswith(("write", "set", "save", "put", "store", "update"))
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        return is_write and dotted(receiver) == source and any(uses(each, names) for each in call.args)
    return False


@misconception(
    title="notify without the lock",
    why="A condition can be notified only by whoever holds its lock: put the notify inside async with.",
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

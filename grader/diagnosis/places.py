"""Misconceptions about how many run at once: too few places, too many, or batches of them."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import LARGE, LATE, SLOW, WRONG, Scene, misconception
from grader.diagnosis.idioms import (
    GATHERERS,
    SEMAPHORES,
    in_chunks,
    queue_loops,
    spawns,
    unshared,
    waits_for_several,
)
from grader.diagnosis.names import inside, last_name


@misconception(
    title="gathered in batches",
    why=(
        "Each batch waits for its slowest member while places stand idle; let the next start as soon as "
        "one ends."
    ),
    hint_step=3,
    section="Synchronization Primitives: Semaphore",
    verdicts=LATE,
    example="""
        import asyncio

        async def fetch_all(urls, fetch):
            pages = []
            for start in range(0, len(urls), 5):
                batch = urls[start : start + 5]
                pages += await asyncio.gather(*(fetch(url) for url in batch))
            return pages
    """,
    instead="""
        import asyncio

        async def fetch_all(urls, fetch):
            places = asyncio.Semaphore(5)

            async def fetch_in_place(url):
                async with places:
                    return await fetch(url)

            return await asyncio.gather(*(fetch_in_place(url) for url in urls))
    """,
)
def gather_in_chunks(scene: Scene) -> int | None:
    if scene.history.exchanges and scene.one_at_a_time:
        return None
    chunks = (wait for wait in waits_for_several(scene.code) if in_chunks(scene.code, wait))
    return min((wait.lineno for wait in chunks), default=None)


@misconception(
    title="one worker for the whole queue",
    why=(
        "A single worker takes the next item only when it is done with the last; start several on the "
        "same queue."
    ),
    hint_step=2,
    section="Queues: Examples",
    verdicts=LATE,
    example="""
        import asyncio

        async def worker(queue, handle):
            while True:
                item = await queue.get()
                await handle(item)
                queue.task_done()

        async def handle_all(items, handle):
            queue = asyncio.Queue()
            for item in items:
                queue.put_nowait(item)
            task = asyncio.create_task(worker(queue, handle))
            await queue.join()
            task.cancel()
    """,
    instead="""
        import asyncio

        async def worker(queue, handle):
            while True:
                item = await queue.get()
                await handle(item)
                queue.task_done()

        async def handle_all(items, handle):
            queue = asyncio.Queue()
            for item in items:
                queue.put_nowait(item)
            tasks = [asyncio.create_task(worker(queue, handle)) for _ in range(5)]
            await queue.join()
            for task in tasks:
                task.cancel()
    """,
)
def one_worker(scene: Scene) -> int | None:
    if not scene.one_at_a_time:
        return None
    fed = queue_loops(scene.code)
    workers = {function.name for function in scene.code.reached if any(node in fed for node in function.own)}
    starts: dict[str, list[ast.Call]] = {}
    for call in scene.code.each(ast.Call):
        if last_name(call.func) in workers:
            starts.setdefault(last_name(call.func), []).append(call)
    alone = [calls[0] for calls in starts.values() if len(calls) == 1]
    return min((call.lineno for call in alone if scene.code.loop_of(call) is None), default=None)


_BOUND_WORDS = ("limit", "at_most", "max", "bound", "concurren", "worker", "slot", "pool", "parallel")
_BOUNDERS = ("Semaphore", "BoundedSemaphore", "Queue", "Condition", "Limits", "CapacityLimiter")


@misconception(
    title="everything at once, without a bound",
    why=(
        "Starting one task per item starts them all at once: nothing in the code keeps to the limit that"
        " was given."
    ),
    hint_step=1,
    section="Synchronization Primitives: Semaphore",
    verdicts=WRONG | LARGE | SLOW,
    example="""
        import asyncio

        async def fetch_all(urls, fetch, limit):
            return await asyncio.gather(*(fetch(url) for url in urls))
    """,
    instead="""
        import asyncio

        async def fetch_all(urls, fetch, limit):
            places = asyncio.Semaphore(limit)

            async def fetch_in_place(url):
                async with places:
                    return await fetch(url)

            return await asyncio.gather(*(fetch_in_place(url) for url in urls))
    """,
)
def unbounded_fan_out(scene: Scene) -> int | None:
    if scene.code.mentions(*_BOUNDERS) or (scene.history.exchanges and scene.peak < 2):
        return None
    if not _is_given_a_bound(scene):
        return None
    fans = [call.lineno for call in scene.code.calls("asyncio.gather") if _is_many(call)]
    fans += [call.lineno for call in scene.code.each(ast.Call) if spawns(call) and scene.code.loop_of(call)]
    return min(fans, default=None)


def _is_given_a_bound(scene: Scene) -> bool:
    """Whether an entry point or a constant of the file is named like a bound."""
    names = [name for entry in scene.code.entries for name in entry.parameters]
    names += [name.id for name in scene.code.constants]
    return any(word in name.lower() for name in names for word in _BOUND_WORDS)


def _is_many(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in call.args)


@misconception(
    title="a semaphore of one's own for every call",
    why=(
        "A semaphore bounds only those who share it; one made inside the function that takes it is "
        "shared by nobody."
    ),
    hint_step=2,
    section="Synchronization Primitives: Semaphore",
    verdicts=WRONG | LARGE | SLOW,
    example="""
        import asyncio

        async def fetch_one(url, fetch):
            places = asyncio.Semaphore(5)
            async with places:
                return await fetch(url)

        async def fetch_all(urls, fetch):
            return await asyncio.gather(*(fetch_one(url, fetch) for url in urls))
    """,
    instead="""
        import asyncio

        async def fetch_one(url, fetch, places):
            async with places:
                return await fetch(url)

        async def fetch_all(urls, fetch):
            places = asyncio.Semaphore(5)
            return await asyncio.gather(*(fetch_one(url, fetch, places) for url in urls))
    """,
)
def semaphore_per_call(scene: Scene) -> int | None:
    return unshared(scene.code, SEMAPHORES)


@misconception(
    title="one place taken for everybody",
    why=(
        "The semaphore is taken once, around all the tasks, so it bounds nothing: each task must take a "
        "place itself."
    ),
    hint_step=2,
    section="Synchronization Primitives: Semaphore",
    verdicts=WRONG | LARGE | SLOW,
    example="""
        import asyncio

        async def fetch_all(urls, fetch, limit):
            places = asyncio.Semaphore(limit)
            async with places:
                return await asyncio.gather(*(fetch(url) for url in urls))
    """,
    instead="""
        import asyncio

        async def fetch_all(urls, fetch, limit):
            places = asyncio.Semaphore(limit)

            async def fetch_in_place(url):
                async with places:
                    return await fetch(url)

            return await asyncio.gather(*(fetch_in_place(url) for url in urls))
    """,
)
def semaphore_around_all(scene: Scene) -> int | None:
    for node in scene.code.each(ast.AsyncWith):
        if not any(scene.code.kind(item.context_expr) in SEMAPHORES for item in node.items):
            continue
        calls = list(inside(node.body, ast.Call))
        if any(spawns(call) or scene.code.name(call.func) in GATHERERS for call in calls):
            return node.lineno
    return None


@misconception(
    title="a bound that nobody asked for",
    why=(
        "As many were in flight as your semaphore lets in, and the rest waited, though nothing limits "
        "how many may be."
    ),
    hint_step=3,
    section="Synchronization Primitives: Semaphore",
    verdicts=LATE,
    example="""
        import asyncio

        async def read_all(names, read):
            places = asyncio.Semaphore(3)

            async def read_in_place(name):
                async with places:
                    return await read(name)

            return await asyncio.gather(*(read_in_place(name) for name in names))
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            return await asyncio.gather(*(read(name) for name in names))
    """,
)
def bounded_too_tightly(scene: Scene) -> int | None:
    """Only where tasks were seen to wait for a place, and no bound was given."""
    if _is_given_a_bound(scene):
        return None
    for node in scene.code.each(ast.AsyncWith):
        kinds = [scene.code.kind(item.context_expr) for item in node.items]
        if node.lineno in scene.waited_lines and any(kind in SEMAPHORES for kind in kinds):
            return node.lineno
    return None

"""Misconceptions about asyncio's queues."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import LARGE, LEFT, SLOW, STUCK, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import QUEUES, keyword
from grader.diagnosis.names import last_name


@misconception(
    title="task_done forgotten",
    why=(
        "queue.join waits until task_done was called once for every item taken; nobody calls it, so it "
        "waits for ever."
    ),
    hint_step=3,
    section="Queues: Queue",
    verdicts=STUCK | WRONG | LEFT | SLOW,
    example="""
        import asyncio

        async def worker(queue, handle):
            while True:
                await handle(await queue.get())

        async def handle_all(items, handle):
            queue = asyncio.Queue()
            for item in items:
                queue.put_nowait(item)
            tasks = [asyncio.create_task(worker(queue, handle)) for _ in range(3)]
            await queue.join()
            for task in tasks:
                task.cancel()
    """,
    instead="""
        import asyncio

        async def worker(queue, handle):
            while True:
                item = await queue.get()
                try:
                    await handle(item)
                finally:
                    queue.task_done()

        async def handle_all(items, handle):
            queue = asyncio.Queue()
            for item in items:
                queue.put_nowait(item)
            tasks = [asyncio.create_task(worker(queue, handle)) for _ in range(3)]
            await queue.join()
            for task in tasks:
                task.cancel()
    """,
)
def forgot_task_done(scene: Scene) -> int | None:
    if not _joins_queue(scene) or scene.code.mentions("task_done"):
        return None
    takes = [call.lineno for call in scene.code.methods("get", "get_nowait") if not call.args]
    return min(takes, default=None)


def _joins_queue(scene: Scene) -> bool:
    """Whether a queue's join is awaited."""
    joins = (found.value for found in scene.code.each(ast.Await))
    return any(isinstance(call, ast.Call) and last_name(call.func) == "join" for call in joins)


@misconception(
    title="task_done skipped when an item fails",
    why=(
        "An error between get and task_done leaves that item counted as undone, and queue.join waits for"
        " ever."
    ),
    hint_step=3,
    section="Queues: Queue",
    verdicts=STUCK | WRONG,
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
            tasks = [asyncio.create_task(worker(queue, handle)) for _ in range(3)]
            await queue.join()
            for task in tasks:
                task.cancel()
    """,
    instead="""
        import asyncio

        async def worker(queue, handle):
            while True:
                item = await queue.get()
                try:
                    await handle(item)
                finally:
                    queue.task_done()

        async def handle_all(items, handle):
            queue = asyncio.Queue()
            for item in items:
                queue.put_nowait(item)
            tasks = [asyncio.create_task(worker(queue, handle)) for _ in range(3)]
            await queue.join()
            for task in tasks:
                task.cancel()
    """,
)
def task_done_skipped_on_error(scene: Scene) -> int | None:
    if not _joins_queue(scene):
        return None
    for call in scene.code.methods("task_done"):
        function = scene.code.function_of(call)
        if function is not None and not _follows_any_failure(scene, function, call):
            return call.lineno
    return None


def _follows_any_failure(scene: Scene, function: Function, call: ast.Call) -> bool:
    """Whether `task_done` runs also when handling the item failed: in a `finally`, or after an `except`."""
    for child, parent in scene.code.above(call):
        if isinstance(parent, ast.Try) and child in parent.finalbody:
            return True
    tries = [node for node in function.own if isinstance(node, ast.Try) and node.handlers]
    return any((tried.end_lineno or 0) < call.lineno for tried in tries)


@misconception(
    title="a queue without a bound",
    why=(
        "A queue without maxsize takes whatever comes: a fast producer fills memory instead of waiting "
        "for the slow end."
    ),
    hint_step=2,
    section="Queues: Queue",
    verdicts=WRONG | LARGE,
    example="""
        import asyncio

        async def pipeline(source, handle):
            queue = asyncio.Queue()

            async def produce():
                async for item in source:
                    await queue.put(item)
                await queue.put(None)

            async def consume():
                while (item := await queue.get()) is not None:
                    await handle(item)

            await asyncio.gather(produce(), consume())
    """,
    instead="""
        import asyncio

        async def pipeline(source, handle):
            queue = asyncio.Queue(maxsize=8)

            async def produce():
                async for item in source:
                    await queue.put(item)
                await queue.put(None)

            async def consume():
                while (item := await queue.get()) is not None:
                    await handle(item)

            await asyncio.gather(produce(), consume())
    """,
)
def queue_without_bound(scene: Scene) -> int | None:
    """Only where something is put into it while something else takes: filling it up front is fine."""
    awaited = [found.value for found in scene.code.each(ast.Await)]
    puts = [call for call in awaited if isinstance(call, ast.Call) and last_name(call.func) == "put"]
    if not any(scene.code.loop_of(call) for call in puts):
        return None
    return next((call.lineno for call in scene.code.calls(*QUEUES) if _is_unbounded(call)), None)


def _is_unbounded(call: ast.Call) -> bool:
    size = call.args[0] if call.args else keyword(call, "maxsize")
    return size is None or (isinstance(size, ast.Constant) and size.value == 0)

"""Misconceptions about who keeps a task, who waits for it, and who ends it."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import LEFT, NO_LINE, SLOW, STUCK, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import catches_cancellation, in_group, is_true, keyword, spawns
from grader.diagnosis.names import dotted, inside, last_name

_UNFINISHED = LEFT | WRONG | SLOW | STUCK


@misconception(
    title="a task dropped as soon as it is made",
    why=(
        "The loop keeps only weak references: a task that nobody keeps may vanish, and nobody waits for "
        "it or its errors."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Creating Tasks",
    verdicts=_UNFINISHED,
    example="""
        import asyncio

        async def save_all(items, save):
            for item in items:
                asyncio.create_task(save(item))
    """,
    instead="""
        import asyncio

        async def save_all(items, save):
            async with asyncio.TaskGroup() as group:
                for item in items:
                    group.create_task(save(item))
    """,
)
def task_dropped(scene: Scene) -> int | None:
    if not scene.left_tasks:
        return None
    for statement in scene.code.each(ast.Expr):
        call = statement.value
        if isinstance(call, ast.Call) and spawns(call) and not in_group(scene.code, call):
            return call.lineno
    return None


@misconception(
    title="not waited for before returning",
    why=(
        "The function returns while its tasks are still under way: its caller takes the work for done."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Task Groups",
    verdicts=_UNFINISHED,
    example="""
        import asyncio

        async def save_all(items, save):
            tasks = [asyncio.create_task(save(item)) for item in items]
            return len(tasks)
    """,
    instead="""
        import asyncio

        async def save_all(items, save):
            tasks = [asyncio.create_task(save(item)) for item in items]
            await asyncio.gather(*tasks)
            return len(tasks)
    """,
)
def fire_and_forget(scene: Scene) -> int | None:
    if not scene.left_tasks:
        return None
    for function in scene.code.reached:
        for node in function.own:
            if isinstance(node, ast.Assign) and any(spawns(call) for call in inside(node.value, ast.Call)):
                name = dotted(node.targets[0])
                if name and "." not in name and not _is_looked_after(scene, function, name):
                    return node.lineno
    return None


def _is_looked_after(scene: Scene, function: Function, name: str) -> bool:
    """Whether the function, or one inside it, awaits, returns, cancels, hands on or keeps a task by name."""
    if any(name in inner.loads for inner in scene.code.within(function)):
        return True
    if any(
        spawns(call) and in_group(scene.code, call) for call in function.own if isinstance(call, ast.Call)
    ):
        return True
    return any(_keeps(scene, use) for use in function.loads.get(name, ()))


def _keeps(scene: Scene, use: ast.Name) -> bool:
    """Whether a use of a task's name does more than count it, add to it or ask it something."""
    parent = scene.code.parents[use]
    if isinstance(parent, ast.Attribute):
        return parent.attr not in ("append", "add", "done", "add_done_callback", "set_name", "get_name")
    return not (isinstance(parent, ast.Call) and last_name(parent.func) in ("len", "print", "append", "add"))


@misconception(
    title="the losers left running",
    why="asyncio.wait cancels no task: one that has not finished runs on until you cancel it.",
    hint_step=2,
    section="Coroutines and Tasks: Waiting Primitives",
    verdicts=_UNFINISHED,
    example="""
        import asyncio

        async def first_answer(mirrors, fetch):
            tasks = [asyncio.create_task(fetch(mirror)) for mirror in mirrors]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
    """,
    instead="""
        import asyncio

        async def first_answer(mirrors, fetch):
            tasks = [asyncio.create_task(fetch(mirror)) for mirror in mirrors]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            return done.pop().result()
    """,
)
def losers_not_cancelled(scene: Scene) -> int | None:
    if not scene.left_tasks or scene.code.mentions("cancel", "cancel_scope"):
        return None
    for call in scene.code.calls("asyncio.wait"):
        early = keyword(call, "timeout") is not None or keyword(call, "return_when") is not None
        loop = scene.code.loop_of(call)
        if early and (loop is None or any(True for _ in inside(loop, ast.Return, ast.Break))):
            return call.lineno
    calls = scene.code.calls("asyncio.as_completed")
    leaving = [node for node in scene.code.each(ast.Return, ast.Break) if scene.code.loop_of(node)]
    return calls[0].lineno if calls and leaving else None


@misconception(
    title="cancelled but not waited for",
    why=(
        "cancel only asks: the task ends, and its clean-up runs, when the loop next gets to it, so await"
        " it after."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Task Cancellation",
    verdicts=LEFT,
    example="""
        import asyncio

        async def first_answer(mirrors, fetch):
            tasks = [asyncio.create_task(fetch(mirror)) for mirror in mirrors]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            return done.pop().result()
    """,
    instead="""
        import asyncio

        async def first_answer(mirrors, fetch):
            tasks = [asyncio.create_task(fetch(mirror)) for mirror in mirrors]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            return done.pop().result()
    """,
)
def cancelled_and_not_awaited(scene: Scene) -> int | None:
    if not scene.left_tasks:
        return None
    for function in scene.code.reached:
        calls = [node for node in function.own if isinstance(node, ast.Call)]
        cancels = [call for call in calls if last_name(call.func) == "cancel" and not call.args]
        if not cancels or not function.is_async:
            continue
        after = [node for node in function.own if isinstance(node, (ast.Await, ast.AsyncWith))]
        if all(node.lineno < cancels[0].lineno for node in after):
            return cancels[0].lineno
    return None


@misconception(
    title="left running when something fails",
    why=(
        "If an await before it fails or is cancelled, the task is never reached: nobody awaits or cancels it."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Task Groups",
    verdicts=LEFT,
    example="""
        import asyncio

        async def report(fetch, count):
            coming = asyncio.create_task(fetch())
            total = await count()
            return total, await coming
    """,
    instead="""
        import asyncio

        async def report(fetch, count):
            async with asyncio.TaskGroup() as group:
                coming = group.create_task(fetch())
                total = await count()
            return total, coming.result()
    """,
)
def left_running_on_failure(scene: Scene) -> int | None:
    if not scene.history.pending:
        return None
    for function in scene.code.reached:
        calls = [node for node in function.own if isinstance(node, ast.Call)]
        spawned = [call for call in calls if spawns(call) and not in_group(scene.code, call)]
        cancels = [call for call in calls if last_name(call.func) == "cancel"]
        if spawned and not any(_runs_on_cancel(scene, call) for call in cancels):
            return spawned[0].lineno
    return None


def _runs_on_cancel(scene: Scene, call: ast.Call) -> bool:
    """Whether a call is made also on cancellation: in a `finally`, or an `except` that sees it."""
    for child, parent in scene.code.above(call):
        if isinstance(child, ast.ExceptHandler) and catches_cancellation(child):
            return True
        if isinstance(parent, ast.Try) and any(child is each for each in parent.finalbody):
            return True
    return False


@misconception(
    title="workers never stopped",
    why=(
        "A worker that waits for its next item for ever is still waiting when you return: cancel it, or "
        "send an end mark."
    ),
    hint_step=3,
    section="Queues: Examples",
    verdicts=LEFT | STUCK,
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
            workers = [asyncio.create_task(worker(queue, handle)) for _ in range(3)]
            await queue.join()
            return len(workers)
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
            workers = [asyncio.create_task(worker(queue, handle)) for _ in range(3)]
            await queue.join()
            for each in workers:
                each.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            return len(workers)
    """,
)
def workers_never_stopped(scene: Scene) -> int | None:
    if not scene.left_tasks or scene.code.mentions("cancel", "shutdown"):
        return None
    for loop in scene.code.each(ast.While):
        leaves = any(True for _ in inside(loop.body, ast.Return, ast.Break))
        for found in inside(loop.body, ast.Await) if is_true(loop.test) and not leaves else ():
            if isinstance(found.value, ast.Call) and last_name(found.value.func) == "get":
                return found.lineno
    return None


@misconception(
    title="an error that nobody looked at",
    why="A task keeps its exception until somebody awaits it; nobody did, so the failure went by unseen.",
    hint_step=2,
    section="Developing with asyncio: Detect never-retrieved exceptions",
    verdicts=LEFT | WRONG,
    example="""
        import asyncio

        async def refresh(sources, load):
            tasks = [asyncio.create_task(load(source)) for source in sources]
            await asyncio.wait(tasks)
    """,
    instead="""
        import asyncio

        async def refresh(sources, load):
            tasks = [asyncio.create_task(load(source)) for source in sources]
            await asyncio.wait(tasks)
            for task in tasks:
                task.result()
    """,
)
def result_never_retrieved(scene: Scene) -> int | None:
    seen = scene.history.never_retrieved
    return (seen[0][1] or NO_LINE) if seen else None

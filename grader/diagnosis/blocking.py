"""Misconceptions that hold the loop's thread, so that nothing else can run."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import ANY, HELD, LEFT, STUCK, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import blocking_calls, handed_to_threads, is_blocking, spawns
from grader.diagnosis.names import inside, last_name
from grader.records import Verdict

_THREAD_KINDS = ("threading.", "queue.", "concurrent.futures.")
_LOCK_KINDS = ("threading.",)
"""Those of them that `with` waits for. A pool waits at its end, mostly for what has been awaited by then."""
_THREAD_WAITS = ("acquire", "get", "put", "join", "wait", "result", "shutdown")


@misconception(
    title="a thread's lock or queue in a coroutine",
    why=(
        "Waiting on an object of threading or queue stops the loop's only thread, and with it what "
        "would wake it."
    ),
    hint_step=1,
    section="Synchronization Primitives: Lock",
    verdicts=HELD | STUCK,
    example="""
        import queue

        async def handle_all(jobs: queue.Queue, handle):
            while True:
                job = jobs.get()
                if job is None:
                    return
                await handle(job)
    """,
    instead="""
        import asyncio

        async def handle_all(jobs: asyncio.Queue, handle):
            while True:
                job = await jobs.get()
                if job is None:
                    return
                await handle(job)
    """,
)
def thread_wait_in_coroutine(scene: Scene) -> int | None:
    lines = [line for function in scene.code.on_the_loop for line in _thread_waits(scene, function)]
    blocked = scene.blocked_lines()
    if blocked:
        lines = [line for line in lines if line in blocked]
    return min(lines, default=None)


def _thread_waits(scene: Scene, function: Function) -> list[int]:
    """Lines of a function on which it waits for another thread."""
    found: list[int] = []
    for node in function.own:
        if isinstance(node, ast.With):
            kinds = [scene.code.kind(item.context_expr) for item in node.items]
            found += [node.lineno for kind in kinds if kind.startswith(_LOCK_KINDS)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_wait = node.func.attr in _THREAD_WAITS and not isinstance(scene.code.parents[node], ast.Await)
            if is_wait and _is_of_threads(scene, node.func.value):
                found.append(node.lineno)
    return found


def _is_of_threads(scene: Scene, receiver: ast.AST) -> bool:
    """Whether an object belongs to another thread: made by `threading` and the like, or handed to one."""
    kind = scene.code.kind(receiver)
    return kind.startswith(_THREAD_KINDS) or kind == "asyncio.run_coroutine_threadsafe"


@misconception(
    title="the loop hogged by a long computation",
    why=(
        "A loop without an await keeps the event loop to itself until it ends; let others run every few "
        "rounds."
    ),
    hint_step=1,
    section="Coroutines and Tasks: Sleeping",
    verdicts=frozenset({Verdict.BLOCKED_LOOP, Verdict.TIME_LIMIT, Verdict.NOT_CONCURRENT}),
    example="""
        async def checksum(receive, crunch):
            total = 0
            for block in await receive():
                total += crunch(block)
            return total
    """,
    instead="""
        import asyncio

        async def checksum(receive, crunch):
            total = 0
            for block in await receive():
                total += crunch(block)
                await asyncio.sleep(0)
            return total
    """,
)
def loop_hogged(scene: Scene) -> int | None:
    blocked = scene.blocked_lines()
    for function in scene.code.on_the_loop:
        for loop in (node for node in function.own if isinstance(node, (ast.For, ast.While))):
            held = any(loop.lineno <= line <= (loop.end_lineno or 0) for line in blocked)
            endless = scene.verdict is Verdict.TIME_LIMIT and isinstance(loop, ast.While) and not blocked
            if (held or endless) and _computes(scene, loop):
                return loop.lineno
    return None


def _computes(scene: Scene, loop: ast.For | ast.While) -> bool:
    """Whether a loop neither lets others run, nor starts tasks, nor waits in a call known to block."""
    again = [*loop.body, loop.test] if isinstance(loop, ast.While) else loop.body
    if any(True for _ in inside(again, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)):
        return False
    calls = list(inside(loop.body, ast.Call))
    if any(spawns(call) or is_blocking(scene.code, call) for call in calls):
        return False
    return not any(scene.code.local(call) in scene.blockers for call in calls)


@misconception(
    title="a blocking call in a coroutine",
    why="A blocking call stops the event loop's only thread: no task can run until it returns.",
    hint_step=1,
    section="Developing with asyncio: Running Blocking Code",
    verdicts=ANY,
    example="""
        import asyncio
        from time import sleep

        async def read(name):
            sleep(1)
            return name

        async def read_all(names):
            return await asyncio.gather(*(read(name) for name in names))
    """,
    instead="""
        import asyncio

        async def read(name):
            await asyncio.sleep(1)
            return name

        async def read_all(names):
            return await asyncio.gather(*(read(name) for name in names))
    """,
)
def blocking_call_in_coroutine(scene: Scene) -> int | None:
    blocked = scene.blocked_lines()
    if blocked:
        return max(blocked, key=lambda line: blocked[line])  # of equals the first: dicts keep their order
    if scene.verdict not in HELD:
        return None
    calls = [
        call.lineno for function in scene.code.on_the_loop for call in blocking_calls(scene.code, function)
    ]
    return min(calls, default=None)


@misconception(
    title="a thread around the blocking version",
    why="to_thread moves the waiting to a thread, of which there are few; a coroutine waits without one.",
    hint_step=2,
    section="Coroutines and Tasks: Running in Threads",
    verdicts=HELD | LEFT | WRONG | {Verdict.MEMORY_LIMIT},
    example="""
        import asyncio
        import time

        def read(name):
            time.sleep(1)
            return name

        async def read_all(names):
            return await asyncio.gather(*(asyncio.to_thread(read, name) for name in names))
    """,
    instead="""
        import asyncio

        async def read(name):
            await asyncio.sleep(1)
            return name

        async def read_all(names):
            return await asyncio.gather(*(read(name) for name in names))
    """,
)
def to_thread_around_blocking(scene: Scene) -> int | None:
    handed = handed_to_threads(scene.code)
    return next((call.lineno for call, function in handed if function in scene.blockers), None)


@misconception(
    title="the loop touched from another thread",
    why=(
        "Only the loop's own thread may touch its queues, events and futures; others hand over with "
        "call_soon_threadsafe."
    ),
    hint_step=2,
    section="Developing with asyncio: Concurrency and Multithreading",
    verdicts=STUCK | WRONG,
    example="""
        import asyncio
        import threading

        async def collect(sensor):
            values = asyncio.Queue()

            def listen():
                for value in sensor:
                    values.put_nowait(value)

            threading.Thread(target=listen).start()
            return await values.get()
    """,
    instead="""
        import asyncio
        import threading

        async def collect(sensor):
            values = asyncio.Queue()
            loop = asyncio.get_running_loop()

            def listen():
                for value in sensor:
                    loop.call_soon_threadsafe(values.put_nowait, value)

            threading.Thread(target=listen).start()
            return await values.get()
    """,
)
def loop_touched_from_thread(scene: Scene) -> int | None:
    for thread in scene.code.calls("threading.Thread"):
        targets = [each.value for each in thread.keywords if each.arg == "target"]
        for function in (found for each in targets for found in scene.code.by_name.get(last_name(each), ())):
            touches = [node for node in function.own if isinstance(node, ast.Call) and _touches(scene, node)]
            if touches:
                return touches[0].lineno
    return None


_TOUCHES = ("put_nowait", "set", "set_result", "set_exception", "create_task", "call_soon", "cancel")


def _touches(scene: Scene, call: ast.Call) -> bool:
    """Whether a call acts on an object of asyncio's, or on a loop."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _TOUCHES:
        return False
    kind = scene.code.kind(call.func.value)
    return kind.startswith("asyncio.") or kind.endswith(".create_future") or call.func.attr == "call_soon"

"""Misconceptions about waiting: guessing how long it takes, asking again and again, and drifting."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import ANY, SLOW, STUCK, WRONG, Scene, misconception
from grader.diagnosis.idioms import spawns
from grader.diagnosis.names import dotted, inside
from grader.records import Verdict


def _sleeps(scene: Scene, body: list[ast.stmt]) -> list[ast.Call]:
    """Awaited calls of asyncio.sleep among these statements themselves, not deeper."""
    values = [statement.value for statement in body if isinstance(statement, ast.Expr)]
    calls = [
        value.value for value in values if isinstance(value, ast.Await) and isinstance(value.value, ast.Call)
    ]
    return [call for call in calls if scene.code.name(call.func) == "asyncio.sleep"]


def _is_zero(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and not call.args[0].value


@misconception(
    title="busy waiting",
    why="A loop that only yields and asks again never lets time pass: wait for the event itself.",
    hint_step=2,
    section="Synchronization Primitives: Event",
    verdicts=frozenset({Verdict.BUSY_LOOP, Verdict.TIME_LIMIT}),
    example="""
        import asyncio

        async def wait_until_ready(machine):
            while not machine.ready:
                await asyncio.sleep(0)
    """,
    instead="""
        async def wait_until_ready(machine):
            await machine.became_ready.wait()
    """,
)
def busy_wait(scene: Scene) -> int | None:
    loops = scene.code.each(ast.While)
    polling = [loop for loop in loops if any(_is_zero(call) for call in _sleeps(scene, loop.body))]
    if polling:
        return polling[0].lineno
    idle = [
        loop
        for loop in loops
        if all(isinstance(statement, (ast.Pass, ast.Continue)) for statement in loop.body)
    ]
    return idle[0].lineno if idle else None


@misconception(
    title="sleeping instead of waiting for the event",
    why="Asking every so often is late by up to one nap each time; an Event wakes you at the very instant.",
    hint_step=2,
    section="Synchronization Primitives: Event",
    verdicts=WRONG | SLOW,
    example="""
        import asyncio

        async def wait_until_ready(machine):
            while not machine.ready:
                await asyncio.sleep(0.1)
    """,
    instead="""
        async def wait_until_ready(machine):
            await machine.became_ready.wait()
    """,
)
def sleep_instead_of_event(scene: Scene) -> int | None:
    for loop in scene.code.each(ast.While):
        if len(loop.body) == 1 and _sleeps(scene, loop.body):
            return loop.lineno
    return None


@misconception(
    title="sleeping instead of awaiting the task",
    why=(
        "A nap guesses how long the task will take: too short, and it is not done; too long, and time is"
        " wasted."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Awaitables",
    verdicts=ANY,
    example="""
        import asyncio

        async def read_both(read, found):
            task = asyncio.create_task(read(found))
            await asyncio.sleep(1)
            return found
    """,
    instead="""
        import asyncio

        async def read_both(read, found):
            task = asyncio.create_task(read(found))
            await task
            return found
    """,
)
def sleep_instead_of_await(scene: Scene) -> int | None:
    for function in scene.code.reached:
        spawned = [node.lineno for node in function.own if isinstance(node, ast.Call) and spawns(node)]
        bodies = [function.node.body] if function.is_async and spawned else []
        awaited = [
            node for node in function.own if isinstance(node, (ast.Await, ast.AsyncWith, ast.AsyncFor))
        ]
        sleeps = [call for body in bodies for call in _sleeps(scene, body) if not _is_zero(call)]
        if sleeps and len(awaited) == len(sleeps) and sleeps[0].lineno > spawned[0]:
            return sleeps[0].lineno
    return None


_PERIODS = ("interval", "period", "every", "tick")


@misconception(
    title="a beat that drifts",
    why=(
        "Sleeping the whole interval after the work makes each round later by what the work took: sleep "
        "until the next beat."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Sleeping",
    verdicts=WRONG | STUCK | SLOW,
    example="""
        import asyncio

        async def tick(work, interval):
            while True:
                await work()
                await asyncio.sleep(interval)
    """,
    instead="""
        import asyncio

        async def tick(work, interval):
            loop = asyncio.get_running_loop()
            beat = loop.time()
            while True:
                await work()
                beat += interval
                await asyncio.sleep(beat - loop.time())
    """,
)
def drifts_by_sleeping(scene: Scene) -> int | None:
    loops: list[ast.While | ast.For] = [*scene.code.each(ast.While), *scene.code.each(ast.For)]
    for loop in loops:
        works = [
            call for call in inside(loop.body, ast.Call) if scene.code.name(call.func) != "asyncio.sleep"
        ]
        for call in _sleeps(scene, loop.body):
            napped = dotted(call.args[0]).lower() if call.args else ""
            if works and any(word in napped for word in _PERIODS):
                return call.lineno
    return None

"""Misconceptions that make requests wait for each other."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from grader.diagnosis.code import COMPREHENSIONS, LOOPS, Code, Loop
from grader.diagnosis.entry import LATE, Scene, misconception
from grader.diagnosis.idioms import (
    item_of,
    may_be_coroutine,
    queue_loops,
    spawns,
    starts_work,
    uses,
)
from grader.diagnosis.names import dotted, inside


@misconception(
    title="created and awaited at once",
    why="Awaiting a task in the same breath as creating it waits for it before anything else starts.",
    hint_step=2,
    section="Coroutines and Tasks: Creating Tasks",
    verdicts=LATE,
    example="""
        import asyncio

        async def read_all(names, read):
            readings = []
            for name in names:
                task = asyncio.create_task(read(name))
                readings.append(await task)
            return readings
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            tasks = [asyncio.create_task(read(name)) for name in names]
            return [await task for task in tasks]
    """,
)
def created_and_awaited_at_once(scene: Scene) -> int | None:
    if not scene.one_at_a_time:
        return None
    at_once = [found.lineno for found in scene.code.each(ast.Await) if spawns(found.value)]
    for block in _blocks(scene):
        for statement, after in itertools.pairwise(block):
            name = _spawned_name(statement)
            if name and any(dotted(found.value) == name for found in inside(after, ast.Await)):
                at_once.append(after.lineno)
    return min(at_once, default=None)


def _spawned_name(statement: ast.stmt) -> str:
    """The name a task is given by `name = create_task(...)`, or nothing."""
    if isinstance(statement, ast.Assign) and spawns(statement.value):
        return dotted(statement.targets[0])
    return ""


def _blocks(scene: Scene) -> Iterator[Sequence[ast.stmt]]:
    """Every list of statements that follow each other in reached coroutines, nearest to an entry first."""
    for function in scene.code.reached:
        for node in [function.node, *function.own] if function.is_async else ():
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and not isinstance(node, ast.Lambda):
                    yield block


@misconception(
    title="a task group for each item",
    why=(
        "A task group waits at its end for all of its tasks, so one made inside the loop waits for every"
        " item in turn."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Task Groups",
    verdicts=LATE,
    example="""
        import asyncio

        async def save_all(items, save):
            for item in items:
                async with asyncio.TaskGroup() as group:
                    group.create_task(save(item))
    """,
    instead="""
        import asyncio

        async def save_all(items, save):
            async with asyncio.TaskGroup() as group:
                for item in items:
                    group.create_task(save(item))
    """,
)
def task_group_per_item(scene: Scene) -> int | None:
    for node in scene.code.each(ast.AsyncWith):
        is_group = any(scene.code.kind(item.context_expr) == "asyncio.TaskGroup" for item in node.items)
        loop = scene.code.loop_of(node)
        fans_out = any(
            spawns(call) and scene.code.loop_of(call) is not loop for call in inside(node, ast.Call)
        )
        if is_group and loop is not None and not fans_out and scene.one_at_a_time:
            return node.lineno
    return None


@misconception(
    title="awaited in a loop",
    why="An await in a loop waits for each request before it starts the next: start them all, then wait.",
    hint_step=1,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=LATE,
    example="""
        async def read_all(names, read):
            readings = []
            for name in names:
                readings.append(await read(name))
            return readings
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            return await asyncio.gather(*(read(name) for name in names))
    """,
)
def awaited_in_a_loop(scene: Scene) -> int | None:
    if not scene.one_at_a_time:
        return None
    code, nearest = scene.code, scene.code.nearness
    fed, leaving = queue_loops(code), _left_when_done(code)
    places = [
        (nearest[function], node.lineno)
        for node in code.each(ast.Await)
        if (loop := code.loop_of(node)) is not None and loop not in fed and _works_in(scene, node, loop)
        if not _needs_last_turn(code, node, loop)
        if uses(node.value, item_of(loop)) or not _tries_again(code, node, leaving)
        if (function := code.function_of(node)) in nearest and function is not None
    ]
    return min(places)[1] if places else None


def _works_in(scene: Scene, node: ast.Await, loop: ast.AST) -> bool:
    """Whether each turn of the loop waits here for work of its own."""
    return starts_work(scene.code, node.value) or _made_in_loop(scene, node, loop)


def _needs_last_turn(code: Code, node: ast.Await, loop: Loop) -> bool:
    """Whether the await uses what the turn before it found out, so that the turns cannot overlap."""
    function = code.function_of(node)
    if function is None or isinstance(loop, COMPREHENSIONS):
        return False
    if isinstance(loop, ast.While) and any(True for _ in inside(loop.test, ast.Await)):
        return True  # whether there is a next turn is only known once this one is over
    inner = range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)
    own = {name.id for name in inside(node.value, ast.Name) if isinstance(name.ctx, ast.Store)}
    for name in inside(node.value, ast.Name):
        if name.id in own:
            continue
        bound = [
            each.lineno for each in function.stores.get(name.id, ())[:_MOST_BINDINGS] if each.lineno in inner
        ]
        if bound and min(bound) >= node.lineno:
            return True
    return False


_MOST_BINDINGS = 50


def _made_in_loop(scene: Scene, node: ast.Await, loop: ast.AST) -> bool:
    """Whether what is awaited is a coroutine that this same turn of the loop made."""
    if not isinstance(node.value, ast.Name) or isinstance(loop, COMPREHENSIONS):
        return False
    return any(
        isinstance(made.targets[0], ast.Name)
        and made.targets[0].id == node.value.id
        and scene.code.loop_of(made) is loop
        and starts_work(scene.code, made.value)
        for made in inside(loop, ast.Assign)
    )


def _left_when_done(code: Code) -> set[ast.AST]:
    """The `try` statements whose success leaves the loop around them."""
    found: set[ast.AST] = set()
    for leaving in code.each(ast.Return, ast.Break):
        for child, parent in code.above(leaving):
            if isinstance(parent, ast.Try) and not isinstance(child, ast.ExceptHandler):
                found.add(parent)
    return found


def _tries_again(code: Code, node: ast.Await, leaving: set[ast.AST]) -> bool:
    """Whether the loop ends once this await succeeds: it tries again, it does not go through items."""
    for child, parent in code.above(node):
        if isinstance(child, ast.Return) or parent in leaving:
            return True
        if isinstance(parent, (*LOOPS, ast.Try)):
            return False
    return False


@misconception(
    title="a coroutine kept, but not started",
    why=(
        "Calling a coroutine function starts nothing: what it makes begins only when you await it, so "
        "make it a task."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Creating Tasks",
    verdicts=LATE,
    example="""
        async def report(fetch, count):
            coming = fetch()
            total = await count()
            return total, await coming
    """,
    instead="""
        import asyncio

        async def report(fetch, count):
            coming = asyncio.create_task(fetch())
            total = await count()
            return total, await coming
    """,
)
def coroutine_not_started(scene: Scene) -> int | None:
    for function in scene.code.reached:
        awaits = [node for node in function.own if isinstance(node, ast.Await)]
        for node in function.own:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            if not isinstance(node.value, ast.Call) or not may_be_coroutine(scene.code, node.value):
                continue
            later = [found for found in awaits if dotted(found.value) == node.targets[0].id][:1]
            if any(
                node.lineno < found.lineno <= end.lineno
                for end in later
                for found in awaits
                if found is not end
            ):
                return node.lineno
    return None


@misconception(
    title="awaited one after another",
    why="The second request does not need the first one's result, yet it is not started before it has come.",
    hint_step=1,
    section="Coroutines and Tasks: Creating Tasks",
    verdicts=LATE,
    example="""
        async def breakfast(boil, fry):
            water = await boil("water")
            egg = await fry("egg")
            return water, egg
    """,
    instead="""
        import asyncio

        async def breakfast(boil, fry):
            water, egg = await asyncio.gather(boil("water"), fry("egg"))
            return water, egg
    """,
)
def awaited_in_turn(scene: Scene) -> int | None:
    if not scene.one_at_a_time:
        return None
    for block in _blocks(scene):
        for place, statement in enumerate(block):
            line = _independent(scene, statement, block[place + 1 : place + _AHEAD])
            if line is not None:
                return line
    return None


_AHEAD = 50
"""How many statements further to look for an independent await: enough for people, bounded for files."""


def _independent(scene: Scene, first: ast.stmt, rest: Sequence[ast.stmt]) -> int | None:
    """The line of the first await after `first` that starts work without needing `first`'s result."""
    works = _works(scene, first)
    if isinstance(first, (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr)) and len(works) > 1:
        nested = any(inner is not works[0] for inner in inside(works[0].value, ast.Await))
        return None if nested else works[1].lineno
    needed = _bound(first)
    if not works or not needed or not isinstance(first, (ast.Assign, ast.AnnAssign)):
        return None
    for statement in rest:
        if uses(statement, needed):
            needed |= _bound(statement)
        elif _works(scene, statement):
            return statement.lineno
    return None


def _works(scene: Scene, statement: ast.stmt) -> list[ast.Await]:
    return [found for found in inside(statement, ast.Await) if starts_work(scene.code, found.value)]


def _bound(statement: ast.stmt) -> set[str]:
    """Plain names that a statement binds."""
    return {name.id for name in inside(statement, ast.Name) if isinstance(name.ctx, ast.Store)}

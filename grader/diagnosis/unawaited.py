"""Misconceptions about coroutines that are made and not awaited, awaited twice, or handed over in a list."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import (
    ANY,
    NO_LINE,
    WRONG,
    Scene,
    misconception,
)
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import (
    may_be_coroutine,
    spawns,
)
from grader.diagnosis.names import dotted, last_name
from grader.records import Verdict


@misconception(
    title="never awaited",
    why=(
        "The call alone gives no result: a coroutine does not even run until it is awaited or made a task, "
        "and a gather, too, must be awaited."
    ),
    hint_step=1,
    section="Developing with asyncio: Detect never-awaited coroutines",
    verdicts=ANY,
    example="""
        import asyncio

        async def save(item):
            await asyncio.sleep(1)

        async def save_all(items):
            for item in items:
                save(item)
    """,
    instead="""
        import asyncio

        async def save(item):
            await asyncio.sleep(1)

        async def save_all(items):
            await asyncio.gather(*(save(item) for item in items))
    """,
)
def never_awaited(scene: Scene) -> int | None:
    for statement in scene.code.each(ast.Expr):
        called = scene.code.local(statement.value)
        if called is not None and called.is_async and not called.is_generator:
            return statement.lineno
        if isinstance(statement.value, ast.Call) and scene.code.name(statement.value.func) == "asyncio.sleep":
            return statement.lineno
    for call in scene.code.calls("asyncio.gather"):
        if _is_left_unawaited(scene, call):
            return call.lineno
    for call in scene.code.each(ast.Call):
        if _is_used_as_value(scene, call) or _is_kept_as_value(scene, call):
            return call.lineno
    seen = scene.history.never_awaited
    if seen and scene.verdict is not Verdict.DEADLOCK:  # a run cut short leaves honest ones unstarted too
        return seen[0][1] or NO_LINE
    return None


def _is_left_unawaited(scene: Scene, gather: ast.Call) -> bool:
    """Whether a gather is dropped, gone through, or given to the suite: awaited by nobody.

    A function that is no entry point may well return it for its caller to await.
    """
    parent, function = scene.code.parents[gather], scene.code.function_of(gather)
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is gather
    if isinstance(parent, ast.Assign) and function is not None and function.is_async:
        uses = function.loads.get(dotted(parent.targets[0]), ())
        return bool(uses) and all(_is_given_back(scene, function, use) for use in uses)
    return isinstance(parent, ast.Expr) or _is_given_back(scene, function, gather)


def _is_given_back(scene: Scene, function: Function | None, node: ast.AST) -> bool:
    """Whether a coroutine function that the suite calls returns this as it is."""
    is_entry = function in scene.code.entries and function is not None and function.is_async
    return is_entry and isinstance(scene.code.parents[node], ast.Return)


_READERS = (ast.FormattedValue, ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Attribute)


def _is_used_as_value(scene: Scene, call: ast.Call) -> bool:
    """Whether a coroutine of this file is taken for its result: compared, printed in a text, tested."""
    if not _makes_coroutine(scene, call):
        return False
    parent = scene.code.parents[call]
    is_test = isinstance(parent, (ast.If, ast.While, ast.IfExp)) and parent.test is call
    is_base = isinstance(parent, ast.Subscript) and parent.value is call
    is_printed = isinstance(parent, ast.Call) and last_name(parent.func) == "print"
    return is_test or is_base or is_printed or isinstance(parent, _READERS)


def _makes_coroutine(scene: Scene, call: ast.Call) -> bool:
    called = scene.code.local(call)
    return (
        called is not None
        and called.is_async
        and not called.is_generator
        and dotted(call.func) == called.name
    )


def _is_kept_as_value(scene: Scene, call: ast.Call) -> bool:
    """Whether a coroutine of this file gets a name only to be read, or handed to a parameter."""
    bound = scene.code.parents[call]
    function = scene.code.function_of(call)
    if function is None or not _makes_coroutine(scene, call) or not isinstance(bound, ast.Assign):
        return False
    name = dotted(bound.targets[0])
    later = [use for use in function.loads.get(name, ()) if use.lineno > call.lineno]
    return bool(later) and all(_reads(scene, function, use) for use in later)


def _reads(scene: Scene, function: Function, use: ast.Name) -> bool:
    """Whether a use takes a name for an ordinary value."""
    parent = scene.code.parents[use]
    if isinstance(parent, ast.Call):
        return use in parent.args and dotted(parent.func) in (*function.parameters, "print", "len", "str")
    return isinstance(parent, _READERS)


@misconception(
    title="one coroutine awaited twice",
    why="A coroutine runs once and can be awaited once; to let several wait for one result, make it a task.",
    hint_step=3,
    section="Coroutines and Tasks: Awaitables",
    verdicts=WRONG,
    example="""
        cache = {}

        async def lookup_once(key, lookup):
            if key not in cache:
                cache[key] = lookup(key)
            return await cache[key]
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
def coroutine_awaited_twice(scene: Scene) -> int | None:
    kept = {
        dotted(target.value)
        for node in scene.code.each(ast.Assign)
        if isinstance(node.value, ast.Call)
        and not spawns(node.value)
        and may_be_coroutine(scene.code, node.value)
        for target in node.targets
        if isinstance(target, ast.Subscript)
    }
    for found in scene.code.each(ast.Await):
        if isinstance(found.value, ast.Subscript) and dotted(found.value.value) in kept:
            return found.lineno
    return None


_SEVERAL = (ast.List, ast.Tuple, ast.Set, ast.ListComp, ast.SetComp, ast.GeneratorExp)


@misconception(
    title="gather without the star",
    why=(
        "gather takes each coroutine as an argument of its own: put a star in front of a list to hand over "
        "its items."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=WRONG,
    example="""
        import asyncio

        async def read_all(names, read):
            return await asyncio.gather([read(name) for name in names])
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            return await asyncio.gather(*[read(name) for name in names])
    """,
)
def gather_without_star(scene: Scene) -> int | None:
    for call in scene.code.calls("asyncio.gather"):
        if any(_stands_for_several(scene, each) for each in call.args):
            return call.lineno
    return None


def _stands_for_several(scene: Scene, argument: ast.expr) -> bool:
    """Whether an argument is a list or the like, as written or by a name that is bound once."""
    function = scene.code.function_of(argument)
    if not isinstance(argument, ast.Name) or function is None:
        return isinstance(argument, _SEVERAL)
    bound = [scene.code.parents[store] for store in function.stores.get(argument.id, ())]
    return len(bound) == 1 and isinstance(bound[0], ast.Assign) and isinstance(bound[0].value, _SEVERAL)

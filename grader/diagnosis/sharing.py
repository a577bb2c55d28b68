"""Misconceptions about state that tasks share, and that an await leaves open to others."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import (
    uses,
)
from grader.diagnosis.names import dotted, inside, last_name


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

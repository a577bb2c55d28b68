"""Misconceptions about the order in which results come, and when they may be used."""

from __future__ import annotations

import ast

from grader.trace.misconceptions.entry import SLOW, WRONG, Scene, misconception
from grader.trace.misconceptions.function import Function
from grader.trace.misconceptions.idioms import started_together, uses
from grader.trace.misconceptions.names import dotted, inside, last_name


@misconception(
    title="waited for all before handing on the first",
    why=(
        "gather answers when the last one has arrived; as_completed lets you use each result at the "
        "instant it comes."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=SLOW | WRONG,
    example="""
        import asyncio

        async def show_all(names, read, show):
            for reading in await asyncio.gather(*(read(name) for name in names)):
                show(reading)
    """,
    instead="""
        import asyncio

        async def show_all(names, read, show):
            for reading in asyncio.as_completed([read(name) for name in names]):
                show(await reading)
    """,
)
def waited_for_all_before_first(scene: Scene) -> int | None:
    for function in scene.code.entries:
        gathered = [
            node for node in function.own if isinstance(node, ast.Await) and _is_gathered(scene, node)
        ]
        hands_on = function.is_generator or any(_hands_on(function, node) for node in function.own)
        if gathered and hands_on and scene.overlapped:
            return gathered[0].lineno
    return None


def _is_gathered(scene: Scene, found: ast.Await) -> bool:
    return isinstance(found.value, ast.Call) and scene.code.name(found.value.func) == "asyncio.gather"


def _hands_on(function: Function, node: ast.AST) -> bool:
    """Whether a loop over results calls something that the function was given."""
    if not isinstance(node, ast.For) or not _loops_over_results(function, node):
        return False
    return any(last_name(call.func) in function.parameters for call in inside(node.body, ast.Call))


def _loops_over_results(function: Function, loop: ast.For) -> bool:
    """Whether a loop goes over a gather, or over a name that is no parameter of the function's."""
    if any(True for _ in inside(loop.iter, ast.Await)):
        return True
    return not uses(loop.iter, set(function.parameters))


@misconception(
    title="results in the order of arrival",
    why=(
        "as_completed, and tasks that append for themselves, give results as they arrive; gather keeps "
        "the order asked."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=WRONG,
    example="""
        import asyncio

        async def read_all(names, read):
            readings = []
            for reading in asyncio.as_completed([read(name) for name in names]):
                readings.append(await reading)
            return readings
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            return await asyncio.gather(*(read(name) for name in names))
    """,
)
def results_in_arrival_order(scene: Scene) -> int | None:
    if not scene.overlapped:
        return None
    loops: list[ast.For | ast.AsyncFor | ast.comprehension] = [*scene.code.each(ast.For)]
    loops += [*scene.code.each(ast.AsyncFor), *scene.code.each(ast.comprehension)]
    for loop in loops:
        calls = inside(loop.iter, ast.Call)
        if any(scene.code.name(call.func) == "asyncio.as_completed" for call in calls):
            return _collecting_line(loop)
    returned = {dotted(node.value) for node in scene.code.each(ast.Return) if node.value is not None}
    for function in started_together(scene.code):
        for node in function.own:
            if _stores_into(node) in returned - set(function.stores) - {""} and not _handles_error(
                scene, node
            ):
                return getattr(node, "lineno", None)
    return None


def _stores_into(node: ast.AST) -> str:
    """The list that a node appends one thing to, or the dict that it puts an awaited result into."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
        is_pair = any(isinstance(each, ast.Tuple) for each in node.args)
        return "" if is_pair else dotted(node.func.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        awaited = any(True for _ in inside(node.value, ast.Await))
        return dotted(node.targets[0].value) if awaited else ""
    return ""


def _handles_error(scene: Scene, node: ast.AST) -> bool:
    return scene.code.enclosing(node, (ast.ExceptHandler,)) is not None


def _collecting_line(loop: ast.For | ast.AsyncFor | ast.comprehension) -> int | None:
    """The line of a loop that collects into a list what it goes through; a dict has no such order."""
    if isinstance(loop, ast.comprehension):
        return loop.iter.lineno
    appends = [call for call in inside(loop.body, ast.Call) if last_name(call.func) == "append"]
    return loop.lineno if appends else None


@misconception(
    title="order taken from a set",
    why=(
        "asyncio.wait answers with sets of tasks, and a set has no order: go through your own list of "
        "tasks instead."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Waiting Primitives",
    verdicts=WRONG,
    example="""
        import asyncio

        async def read_all(names, read):
            tasks = [asyncio.create_task(read(name)) for name in names]
            done, pending = await asyncio.wait(tasks)
            return [task.result() for task in done]
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            tasks = [asyncio.create_task(read(name)) for name in names]
            done, pending = await asyncio.wait(tasks)
            return [task.result() for task in tasks]
    """,
)
def order_from_a_set(scene: Scene) -> int | None:
    for node in scene.code.each(ast.Assign):
        value = node.value.value if isinstance(node.value, ast.Await) else None
        is_wait = isinstance(value, ast.Call) and scene.code.name(value.func) == "asyncio.wait"
        function = scene.code.function_of(node)
        if not is_wait or function is None or not isinstance(node.targets[0], ast.Tuple):
            continue
        done = {name.id for name in inside(node.targets[0].elts[:1], ast.Name)}
        for listed in (each for each in function.own if isinstance(each, (ast.ListComp, ast.GeneratorExp))):
            results = isinstance(listed.elt, ast.Call) and last_name(listed.elt.func) == "result"
            if results and uses(listed.generators[0].iter, done):
                return listed.lineno
    return None

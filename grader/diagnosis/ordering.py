"""Misconceptions about the order in which results come, and when they may be used."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from grader.diagnosis.entry import LATE, SLOW, WRONG, Scene, misconception
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import in_rounds, started_together, uses, waits_for_several
from grader.diagnosis.names import dotted, inside, last_name
from grader.records import Verdict

_NOT_AS_ASKED = frozenset({Verdict.WRONG_ANSWER})
"""An answer in the wrong order, or too late, is no crash: that has a cause of its own."""


@misconception(
    title="waited for all before handing on the first",
    why=(
        "gather answers when the last one has arrived; as_completed lets you use each result at the "
        "instant it comes."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=SLOW | _NOT_AS_ASKED,
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
    if not scene.overlapped:
        return None
    for function in scene.code.entries:
        gathered = [
            node for node in function.own if isinstance(node, ast.Await) and _is_gathered(scene, node)
        ]
        handed_on = [node for node in function.own if _hands_on(function, node)]
        before = [node.lineno for node in gathered if any(_precedes(node, each) for each in handed_on)]
        if before:
            return before[0]
    return None


def _precedes(gather: ast.Await, handing: ast.AST) -> bool:
    """Whether a gather stands before what hands the results on, or is what that goes through.

    One that comes later (to see cancelled tasks end, say) held up nothing.
    """
    return gather.lineno <= getattr(handing, "lineno", 0)


def _is_gathered(scene: Scene, found: ast.Await) -> bool:
    return isinstance(found.value, ast.Call) and scene.code.name(found.value.func) == "asyncio.gather"


def _hands_on(function: Function, node: ast.AST) -> bool:
    """Whether this is a `yield`, or a loop over results that calls something that the function was given."""
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
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
    verdicts=_NOT_AS_ASKED,
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
    """Not where each result is announced as it comes: that order is then what the kata asks for."""
    if not scene.overlapped:
        return None
    loops: list[ast.For | ast.AsyncFor | ast.comprehension] = [*scene.code.each(ast.For)]
    loops += [*scene.code.each(ast.AsyncFor), *scene.code.each(ast.comprehension)]
    for loop in loops:
        calls = inside(loop.iter, ast.Call)
        if any(scene.code.name(call.func) == "asyncio.as_completed" for call in calls):
            announced = not isinstance(loop, ast.comprehension) and _announces(scene, list(ast.walk(loop)))
            return None if announced else _collecting_line(loop)
    returned = {dotted(node.value) for node in scene.code.each(ast.Return) if node.value is not None}
    returned -= _filled(scene)
    for function in started_together(scene.code):
        if _announces(scene, function.own):
            continue
        for node in function.own:
            if _stores_into(node) in returned - set(function.stores) - {""} and not _handles_error(
                scene, node
            ):
                return getattr(node, "lineno", None)
    return None


def _announces(scene: Scene, nodes: Iterable[ast.AST]) -> bool:
    """Whether something that the code was given is told a result, for its own sake and not for an answer."""
    nodes = list(nodes)
    given = {name for function in scene.code.reached for name in function.parameters}
    results = {
        name.id
        for node in nodes
        if isinstance(node, ast.Assign) and any(True for _ in inside(node.value, ast.Await))
        for target in node.targets
        for name in inside(target, ast.Name)
    }
    for node in nodes:
        told = node.value if isinstance(node, ast.Expr) else None
        told = told.value if isinstance(told, ast.Await) else told
        if isinstance(told, ast.Call) and dotted(told.func) in given and not _handles_error(scene, node):
            values = [*told.args, *(each.value for each in told.keywords)]
            if any(uses(value, results) or any(True for _ in inside(value, ast.Await)) for value in values):
                return True
    return False


def _stores_into(node: ast.AST) -> str:
    """The list that a node appends one thing to, or the dict that it puts an awaited result into."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
        is_pair = any(isinstance(each, ast.Tuple) for each in node.args)
        return "" if is_pair else dotted(node.func.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        awaited = any(True for _ in inside(node.value, ast.Await))
        return dotted(node.targets[0].value) if awaited else ""
    return ""


def _filled(scene: Scene) -> set[str]:
    """What starts as a dict with its keys in it: their order stays as it is."""
    plain = [node for node in scene.code.each(ast.Assign) if _has_keys(node.value)]
    found = {dotted(target) for node in plain for target in node.targets}
    return found | {dotted(node.target) for node in scene.code.each(ast.AnnAssign) if _has_keys(node.value)}


def _has_keys(value: ast.AST | None) -> bool:
    if isinstance(value, ast.Call):
        return dotted(value.func) in ("dict", "dict.fromkeys") and bool(value.args)
    return isinstance(value, ast.DictComp) or (isinstance(value, ast.Dict) and bool(value.keys))


def _handles_error(scene: Scene, node: ast.AST) -> bool:
    return scene.code.enclosing(node, (ast.ExceptHandler,)) is not None


def _collecting_line(loop: ast.For | ast.AsyncFor | ast.comprehension) -> int | None:
    """The line of a loop that collects into a list what it goes through; a dict has no such order."""
    if isinstance(loop, ast.comprehension):
        return loop.iter.lineno
    appends = [call for call in inside(loop.body, ast.Call) if last_name(call.func) == "append"]
    return loop.lineno if appends else None


@misconception(
    title="gathered in rounds",
    why=(
        "Each round waits for its slowest member, also with what needs only the others; make everything a "
        "task of its own that awaits what it needs."
    ),
    hint_step=2,
    section="Coroutines and Tasks: Creating Tasks",
    verdicts=LATE,
    example="""
        import asyncio

        async def build(plan, perform):
            made = {}
            while len(made) < len(plan):
                ready = [step for step in plan if step not in made and plan[step] <= made.keys()]
                made.update(zip(ready, await asyncio.gather(*map(perform, ready))))
            return made
    """,
    instead="""
        import asyncio

        async def build(plan, perform):
            tasks = {}

            async def make(step):
                for need in plan[step]:
                    await tasks[need]
                return await perform(step)

            for step in plan:
                tasks[step] = asyncio.create_task(make(step))
            return {step: await task for step, task in tasks.items()}
    """,
)
def gathered_in_rounds(scene: Scene) -> int | None:
    """Rounds of whatever can be done now; those of a fixed size are `gather_in_chunks`."""
    if scene.history.exchanges and scene.one_at_a_time:
        return None
    rounds = (wait for wait in waits_for_several(scene.code) if in_rounds(scene.code, wait))
    return min((wait.lineno for wait in rounds), default=None)


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

"""Async mutants: an accepted answer with one thing broken, each a mistake that a learner could make.

Pure: source in, mutants out, in the order of the source. An operator looks at one node and answers
with what could stand in its place: an expression, or a list of statements (none removes it). Every
place in the syntax tree is offered to every operator; what does not compile is dropped.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from grader.records import Record

Substitute = ast.expr | list[ast.stmt]
Operator = Callable[[ast.AST], Iterator[Substitute]]

_CLEANING = {"close", "aclose", "wait_closed", "cancel", "abort", "shutdown", "join", "write_eof"}
_WAKING = {"set", "release", "notify", "notify_all", "task_done", "set_result", "put_nowait"}
_KEEPING = {"add", "append"}
_BOUNDED = {"Semaphore", "BoundedSemaphore", "Queue", "LifoQueue", "PriorityQueue", "CapacityLimiter"}
_STARTING = {"create_task", "ensure_future"}
_TASK_GROUP = re.compile(r"\bTaskGroup\(")
_NEIGHBOURS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


class Mutant(Record, frozen=True):
    """One thing broken in one place."""

    operator: str
    """What was done, in words: `await dropped`."""
    line: int
    was: str
    """The line of the original, without its indentation: how a list of equivalents names it."""
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of the source, by place, each text once. Raises SyntaxError for what is no Python."""
    lines = source.splitlines()
    seen = {ast.unparse(ast.parse(source))}
    found: list[Mutant] = []
    for number, place in enumerate(_places(ast.parse(source))):
        for operator, apply in OPERATORS.items():
            for choice in range(sum(1 for _ in apply(place.node))):
                mutated = _substituted(source, number, apply, choice)
                if mutated is None or mutated in seen:
                    continue
                seen.add(mutated)
                line = getattr(place.node, "lineno", 1)
                found.append(
                    Mutant(operator=operator, line=line, was=lines[line - 1].strip(), source=mutated)
                )
    return found


# -- places ----------------------------------------------------------------------------------------
class _Place(NamedTuple):
    """Where a node hangs in its tree, so that something else can hang there."""

    node: ast.AST
    parent: ast.AST
    field: str
    position: int | None


def _places(parent: ast.AST) -> Iterator[_Place]:
    """Every node below, in the order of the source."""
    for field, value in ast.iter_fields(parent):
        if isinstance(value, ast.AST):
            yield _Place(value, parent, field, None)
            yield from _places(value)
        elif isinstance(value, list):
            for index, node in enumerate(value):
                if isinstance(node, ast.AST):
                    yield _Place(node, parent, field, index)
                    yield from _places(node)


def _substituted(source: str, number: int, apply: Operator, choice: int) -> str | None:
    """The source with one substitute in one place; None where that is no Python."""
    tree = ast.parse(source)
    place = list(_places(tree))[number]
    _put(place, list(apply(place.node))[choice])
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return None
    return text


def _put(place: _Place, substitute: Substitute) -> None:
    if place.position is None:
        setattr(place.parent, place.field, substitute)
        return
    siblings: list[Any] = getattr(place.parent, place.field)
    if isinstance(substitute, list):
        siblings[place.position : place.position + 1] = substitute
        if not siblings:
            siblings.append(ast.Pass())
    else:
        siblings[place.position] = substitute


# -- what a node is --------------------------------------------------------------------------------
def _called(node: ast.AST | None) -> str:
    """The last name of what is called: `gather` for `asyncio.gather(...)`; "" for what is no call."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _module_call(module: str, name: str, *args: ast.expr) -> ast.Call:
    imported = ast.Call(ast.Name("__import__"), [ast.Constant(module)], [])
    return ast.Call(ast.Attribute(imported, name), list(args), [])


def _statement_call(node: ast.AST) -> ast.Call | None:
    """The call that is the whole statement, awaited or not."""
    if not isinstance(node, ast.Expr):
        return None
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    return value if isinstance(value, ast.Call) else None


# -- operators -------------------------------------------------------------------------------------
def _await_dropped(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Await):
        yield node.value


def _gather_in_turn(node: ast.AST) -> Iterator[Substitute]:
    if not (isinstance(node, ast.Await) and _called(node.value) == "gather"):
        return
    assert isinstance(node.value, ast.Call)
    args = node.value.args
    if len(args) == 1 and isinstance(args[0], ast.Starred):
        each = ast.Name("_each")
        walk = ast.comprehension(target=each, iter=args[0].value, ifs=[], is_async=0)
        yield ast.ListComp(ast.Await(each), [walk])
    elif args and not any(isinstance(arg, ast.Starred) for arg in args):
        yield ast.List([ast.Await(arg) for arg in args])


def _awaited_at_once(node: ast.AST) -> Iterator[Substitute]:
    """`create_task(c)` that has ended before anybody gets it: keeps the task, loses the overlap."""
    if isinstance(node, ast.Call) and _called(node) in _STARTING:
        named = ast.NamedExpr(ast.Name("_mutant"), node)
        wait = ast.Await(_module_call("asyncio", "wait", ast.List([named])))
        yield ast.Subscript(ast.Tuple([wait, ast.Name("_mutant")]), ast.Constant(1))


def _sleep_blocking(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Await) and _called(node.value) == "sleep":
        assert isinstance(node.value, ast.Call)
        yield _module_call("time", "sleep", *node.value.args[:1])


def _guard_removed(node: ast.AST) -> Iterator[Substitute]:
    """A lock, semaphore, condition or timeout taken away; a task group stays."""
    if isinstance(node, ast.AsyncWith):
        for index, item in enumerate(node.items):
            if item.optional_vars is None and not _TASK_GROUP.search(ast.unparse(item)):
                others = [*node.items[:index], *node.items[index + 1 :]]
                yield [ast.AsyncWith(others, node.body)] if others else node.body


def _timeout_removed(node: ast.AST) -> Iterator[Substitute]:
    if not isinstance(node, ast.Call):
        return
    if _called(node) == "wait_for" and node.args:
        yield node.args[0]
    elif _called(node) in ("timeout", "timeout_at") and node.args:
        yield ast.Call(node.func, [ast.Constant(None)], [])
    elif any(word.arg == "timeout" for word in node.keywords):
        yield ast.Call(node.func, node.args, [word for word in node.keywords if word.arg != "timeout"])


def _limit_moved(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Call) and _called(node) in _BOUNDED:
        for move in (ast.Add(), ast.Sub()):
            if node.args:
                moved = ast.BinOp(node.args[0], move, ast.Constant(1))
                yield ast.Call(node.func, [moved, *node.args[1:]], node.keywords)
            for word in node.keywords:
                others = [other for other in node.keywords if other is not word]
                moved_word = ast.keyword(word.arg, ast.BinOp(word.value, move, ast.Constant(1)))
                yield ast.Call(node.func, node.args, [*others, moved_word])


def _bound_moved(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _NEIGHBOURS:
        yield ast.Compare(node.left, [_NEIGHBOURS[type(node.ops[0])]()], node.comparators)


def _return_exceptions_flipped(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Call) and _called(node) == "gather":
        given = next((word for word in node.keywords if word.arg == "return_exceptions"), None)
        now = given is not None and isinstance(given.value, ast.Constant) and given.value.value is True
        others = [word for word in node.keywords if word is not given]
        flipped = ast.keyword("return_exceptions", ast.Constant(not now))
        yield ast.Call(node.func, node.args, [*others, flipped])


def _cancellation_swallowed(node: ast.AST) -> Iterator[Substitute]:
    """A bare `raise` left out, or `except Exception` widened to everything."""
    if isinstance(node, ast.Raise) and node.exc is None:
        yield []
    if isinstance(node, ast.Try):
        for index, handler in enumerate(node.handlers):
            if isinstance(handler.type, ast.Name) and handler.type.id == "Exception":
                wide = ast.ExceptHandler(ast.Name("BaseException"), handler.name, handler.body)
                handlers = [*node.handlers[:index], wide, *node.handlers[index + 1 :]]
                yield [ast.Try(node.body, handlers, node.orelse, node.finalbody)]


def _finally_dropped(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Try) and node.finalbody:
        kept = ast.Try(node.body, node.handlers, node.orelse, [])
        yield [kept] if node.handlers else node.body


def _reference_dropped(node: ast.AST) -> Iterator[Substitute]:
    """A task that nobody holds on to: not assigned, or not put where it would be kept."""
    if isinstance(node, ast.Assign) and _called(node.value) in _STARTING:
        if isinstance(node.targets[0], ast.Attribute):
            yield [ast.Expr(node.value)]
    elif (call := _statement_call(node)) and _called(call) in _KEEPING and len(call.args) == 1:
        yield [ast.Expr(call.args[0])] if _called(call.args[0]) in _STARTING else []


def _call_dropped(names: set[str]) -> Operator:
    def dropped(node: ast.AST) -> Iterator[Substitute]:
        if (
            (call := _statement_call(node))
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in names
        ):
            yield []

    return dropped


def _shield_removed(node: ast.AST) -> Iterator[Substitute]:
    if isinstance(node, ast.Call) and _called(node) == "shield" and node.args:
        yield node.args[0]


def _waited_without_loop(node: ast.AST) -> Iterator[Substitute]:
    """`while not ready: await condition.wait()` that looks only once."""
    if isinstance(node, ast.While) and any(_called(inner) == "wait" for inner in ast.walk(node)):
        yield [ast.If(node.test, node.body, node.orelse)]


OPERATORS: dict[str, Operator] = {
    "await dropped": _await_dropped,
    "gather in turn": _gather_in_turn,
    "awaited at once": _awaited_at_once,
    "sleep made blocking": _sleep_blocking,
    "guard removed": _guard_removed,
    "timeout removed": _timeout_removed,
    "limit off by one": _limit_moved,
    "bound off by one": _bound_moved,
    "return_exceptions flipped": _return_exceptions_flipped,
    "cancellation swallowed": _cancellation_swallowed,
    "finally dropped": _finally_dropped,
    "task reference dropped": _reference_dropped,
    "clean-up dropped": _call_dropped(_CLEANING),
    "drain dropped": _call_dropped({"drain"}),
    "wake-up dropped": _call_dropped(_WAKING),
    "shield removed": _shield_removed,
    "waited without a loop": _waited_without_loop,
}

"""What names stand for: full names after imports, and the call that made an object."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
N = TypeVar("N", bound=ast.AST)


def dotted(node: ast.AST) -> str:
    """`a.b.c` as written; nothing for what is not a chain of names."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, also where what stands before is no chain of names."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def inside(node: ast.AST | Iterable[ast.AST], *kinds: type[N]) -> Iterator[N]:
    """Nodes of these kinds in `node` (itself too), in order, not looking into functions defined there."""
    todo = deque([node] if isinstance(node, ast.AST) else list(node))
    while todo:
        found = todo.popleft()
        if isinstance(found, kinds):
            yield found
        if not isinstance(found, (FunctionNode, ast.Lambda)):
            todo.extendleft(reversed(list(ast.iter_child_nodes(found))))


def imports_of(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """What each imported name means in full; also `sleep = time.sleep` at any level."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            first, _, rest = dotted(node.value).partition(".")
            if first in found:
                found.update(
                    {each.id: f"{found[first]}.{rest}" for each in node.targets if isinstance(each, ast.Name)}
                )
    return found


def makers_of(nodes: Iterable[ast.AST]) -> dict[str, tuple[ast.AST, ast.AST]]:
    """What was last assigned to each dotted name: (the callable that made it, the value as written).

    `locks[]` stands for the values of the container `locks`.
    """
    found: dict[str, tuple[ast.AST, ast.AST]] = {}
    for node in nodes:
        for target, value in _bindings(node):
            made, suffix = _made_by(value)
            if made is not None and dotted(target):
                found[dotted(target) + suffix] = made, value
    return found


def full_name(node: ast.AST, imports: dict[str, str]) -> str:
    """What a name or dotted name means after imports: `asyncio.create_task`, `self.lock`, or nothing."""
    first, dot, rest = dotted(node).partition(".")
    return imports.get(first, first) + dot + rest


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """(target, value) of what assigns; for an annotated parameter, the annotation as the value."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=False)
            else:
                yield target, node.value
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr
    elif isinstance(node, ast.arg) and node.annotation is not None:
        made = node.annotation.value if isinstance(node.annotation, ast.Subscript) else node.annotation
        yield ast.Name(node.arg, ast.Load()), ast.Call(made, [], [])


_FACTORIES = ("defaultdict", "field")


def _made_by(value: ast.AST) -> tuple[ast.AST | None, str]:
    """The callable that made a value, and `[]` if the value is a container of what it made."""
    if isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return (value.elt.func, "[]") if isinstance(value.elt, ast.Call) else (None, "")
    if isinstance(value, ast.DictComp):
        return (value.value.func, "[]") if isinstance(value.value, ast.Call) else (None, "")
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Call):
        if last_name(value.func) in _FACTORIES and value.args:
            return value.args[0], "[]"
        return value.func, ""
    return None, ""

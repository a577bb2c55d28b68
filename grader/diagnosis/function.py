"""One function of the learner's, with what is its own."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from grader.diagnosis.names import FunctionNode


@dataclass(eq=False)
class Function:
    """One `def` or `async def`, with the nodes of its own: those of functions inside it are theirs."""

    node: FunctionNode
    owner: str
    """The class it is a method of, or nothing."""
    own: list[ast.AST] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def line(self) -> int:
        return self.node.lineno

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)

    @cached_property
    def is_generator(self) -> bool:
        return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in self.own)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        spec = self.node.args
        named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
        return tuple(each.arg for each in named if each.arg not in ("self", "cls"))

    @cached_property
    def loads(self) -> dict[str, list[ast.Name]]:
        """Every use of a plain name, in order, by name."""
        return _by_id(node for node in self.own if _is_name(node, ast.Load))

    @cached_property
    def stores(self) -> dict[str, list[ast.Name]]:
        """Every binding of a plain name, in order, by name."""
        return _by_id(node for node in self.own if _is_name(node, ast.Store))

    @cached_property
    def mentions(self) -> dict[str, None]:
        """Every name and attribute that it uses, in order of first use."""
        found: dict[str, None] = {}
        for node in self.own:
            if isinstance(node, ast.Name):
                found.setdefault(node.id)
            elif isinstance(node, ast.Attribute):
                found.setdefault(node.attr)
        return found


def _is_name(node: ast.AST, context: type[ast.expr_context]) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)


def _by_id(nodes: Iterable[ast.AST]) -> dict[str, list[ast.Name]]:
    found: dict[str, list[ast.Name]] = {}
    for node in nodes:
        if isinstance(node, ast.Name):
            found.setdefault(node.id, []).append(node)
    return found

"""The learner's file, read once: which functions the entry points reach, what names mean, what is where.

The file is untrusted text, so reading it is bounded (`MOST_CHARACTERS`, `MOST_NODES`, `MOST_DEPTH`):
beyond that there is no reading, and so no diagnosis. Nothing here executes any of it.

What is reached is decided by name alone: a function counts as reached when a reached function
mentions its name, in a call or not, so that helpers, methods and callbacks are all seen. That errs
on the side of reading too much, which a detector outweighs with evidence from the run.
"""

from __future__ import annotations

import ast
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from grader.diagnosis.function import Function
from grader.diagnosis.names import (
    FunctionNode,
    dotted,
    full_name,
    imports_of,
    last_name,
    makers_of,
)

MOST_CHARACTERS = 20_000
MOST_NODES = 6_000
MOST_DEPTH = 60

Loop = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS = (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS)

N = TypeVar("N", bound=ast.AST)


def read_code(source: str, entry_points: Iterable[str]) -> Code | None:
    """The file as `Code`; None if it is not Python or larger or deeper than any learner's file is."""
    if len(source) > MOST_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in a learner's strings are not our concern
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # ValueError: null bytes and lone surrogates; the other two: nested beyond reason
    code = Code(tree, tuple(entry_points))
    return code if code.readable else None


class Code:
    """The index over one syntax tree. Lists are in the order of the file."""

    def __init__(self, tree: ast.Module, entry_points: tuple[str, ...]) -> None:
        self.entry_points = entry_points
        self.readable = True
        self.functions: list[Function] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: list[ast.AST] = []
        self._function_of: dict[ast.AST, Function] = {}
        self._index(tree)
        if self.readable:
            self.imports = imports_of(self.nodes)
            self.reached = self.reach_from(self.entries) or self.functions
            self._reached_nodes = self._nodes_reached()

    def _index(self, tree: ast.Module) -> None:
        todo: list[tuple[ast.AST, Function | None, str, int]] = [(tree, None, "", 0)]
        while todo:
            node, function, owner, depth = todo.pop()
            self.nodes.append(node)
            if depth > MOST_DEPTH or len(self.nodes) > MOST_NODES:
                self.readable = False
                return
            if function is not None:
                function.own.append(node)
                self._function_of[node] = function
            if isinstance(node, FunctionNode):
                function = Function(node, owner)
                self.functions.append(function)
                owner = ""
            elif isinstance(node, ast.ClassDef):
                owner = node.name
            children = list(ast.iter_child_nodes(node))
            for child in children:
                self.parents[child] = node
            todo.extend((child, function, owner, depth + 1) for child in reversed(children))

    # -- what the entry points reach ---------------------------------------------------------------
    @cached_property
    def by_name(self) -> dict[str, list[Function]]:
        """Functions by their name, and all methods of a class by the class's."""
        found: dict[str, list[Function]] = {}
        for function in self.functions:
            found.setdefault(function.name, []).append(function)
            if function.owner:
                found.setdefault(function.owner, []).append(function)
        return found

    @cached_property
    def entries(self) -> list[Function]:
        """The functions that the suite calls, in the order in which the kata names them."""
        names = [name.partition(".")[0] for name in self.entry_points]
        return [each for name in names for each in self.by_name.get(name, ()) if self._is_top(each)]

    def _is_top(self, function: Function) -> bool:
        return isinstance(self.parents[function.node], (ast.Module, ast.ClassDef))

    def reach_from(self, starts: Iterable[Function]) -> list[Function]:
        """What these functions reach, themselves too, nearest first."""
        reached = dict.fromkeys(starts)
        followed: set[str] = set()
        todo = deque(reached)
        while todo:
            names = [name for name in todo.popleft().mentions if name not in followed]
            followed.update(names)
            for found in (found for name in names for found in self.by_name.get(name, ())):
                if found not in reached:
                    reached[found] = None
                    todo.append(found)
        return list(reached)

    def reaching(self, wanted: Callable[[Function], object]) -> dict[Function, None]:
        """The functions of the file that reach one that is `wanted`, themselves too."""
        mentioned_by: dict[str, list[Function]] = {}
        for function in self.functions:
            for name in function.mentions:
                mentioned_by.setdefault(name, []).append(function)
        found = dict.fromkeys(function for function in self.functions if wanted(function))
        todo = deque(found)
        while todo:
            function = todo.popleft()
            for name in (function.name, function.owner):
                for caller in mentioned_by.pop(name, ()):
                    if caller not in found:
                        found[caller] = None
                        todo.append(caller)
        return found

    @cached_property
    def nearness(self) -> dict[Function, int]:
        """Each reached function's place in the order of nearness to the entry points."""
        return {function: place for place, function in enumerate(self.reached)}

    def _nodes_reached(self) -> list[ast.AST]:
        if not self.entries:
            return self.nodes
        reached = set(self.reached)
        return [node for node in self.nodes if self._function_of.get(node) in reached]

    @cached_property
    def on_the_loop(self) -> list[Function]:
        """Functions whose code runs on the loop's thread: coroutines, and what they call by name.

        A plain function that is only handed over (to a thread, say) is not among them.
        """
        found = dict.fromkeys(function for function in self.reached if function.is_async)
        called: set[str] = set()
        todo = deque(found)
        while todo:
            calls = [node for node in todo.popleft().own if isinstance(node, ast.Call)]
            names = dict.fromkeys(last_name(call.func) for call in calls)
            fresh = [each for name in names if name not in called for each in self.by_name.get(name, ())]
            called.update(names)
            for function in fresh:
                if function not in found:
                    found[function] = None
                    todo.append(function)
        return list(found)

    @cached_property
    def _by_node(self) -> dict[ast.AST, Function]:
        return {function.node: function for function in self.functions}

    # -- asking --------------------------------------------------------------------------------------
    def each(self, *kinds: type[N]) -> list[N]:
        """Reached nodes of these kinds."""
        return [node for node in self._reached_nodes if isinstance(node, kinds)]

    def function_of(self, node: ast.AST) -> Function | None:
        """The function that runs `node`; None at module level."""
        return self._function_of.get(node)

    def above(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """(child, parent) pairs from `node` outwards, within its function."""
        child = node
        while (parent := self.parents.get(child)) is not None and not isinstance(parent, FunctionNode):
            yield child, parent
            child = parent

    def enclosing(self, node: ast.AST, kinds: tuple[type[N], ...]) -> N | None:
        """The nearest node of these kinds around `node`, within its function."""
        return next((parent for _, parent in self.above(node) if isinstance(parent, kinds)), None)

    def loop_of(self, node: ast.AST) -> Loop | None:
        """The innermost loop or comprehension that evaluates `node` again and again."""
        for child, parent in self.above(node):
            if isinstance(parent, COMPREHENSIONS):
                if not (isinstance(child, ast.comprehension) and self._is_first_source(child, parent, node)):
                    return parent
            elif isinstance(parent, (ast.For, ast.AsyncFor, ast.While)) and not _is_once(child, parent):
                return parent
        return None

    def _is_first_source(self, child: ast.comprehension, parent: ast.AST, node: ast.AST) -> bool:
        """Whether `node` stands in the iterable of the first `for`, which is evaluated once."""
        if child is not getattr(parent, "generators", [None])[0]:
            return False
        return any(inner is child.iter for inner, _ in self.above(node))

    def name(self, node: ast.AST) -> str:
        """What a name or dotted name means after imports: `asyncio.create_task`, `self.lock`, or nothing."""
        return full_name(node, self.imports)

    def calls(self, *names: str) -> list[ast.Call]:
        """Reached calls of any of these, by their full names."""
        return [call for call in self.each(ast.Call) if self.name(call.func) in names]

    def methods(self, *names: str) -> list[ast.Call]:
        """Reached calls of any method of these names, on whatever object."""
        return [
            call
            for call in self.each(ast.Call)
            if isinstance(call.func, ast.Attribute) and call.func.attr in names
        ]

    def mentions(self, *names: str) -> bool:
        """Whether any reached function uses one of these names or attributes."""
        return any(name in function.mentions for function in self.reached for name in names)

    @cached_property
    def constants(self) -> list[ast.Name]:
        """Names bound at the top of the file."""
        found = [
            node for node in self.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        return [name for name in found if self.function_of(name) is None]

    def within(self, function: Function) -> list[Function]:
        """Functions defined directly inside a function."""
        return [self._by_node[node] for node in function.own if isinstance(node, FunctionNode)]

    def local(self, call: ast.AST) -> Function | None:
        """The function of this file that a call calls, when its name says so."""
        if not isinstance(call, ast.Call):
            return None
        return next(iter(self.by_name.get(last_name(call.func), ())), None)

    # -- what kind of object ----------------------------------------------------------------------------
    @cached_property
    def _makers(self) -> dict[str, tuple[ast.AST, ast.AST]]:
        return makers_of(self.nodes)

    def kind(self, node: ast.AST) -> str:
        """The full name of the call (or annotation) that made the object `node` stands for, or nothing."""
        if isinstance(node, ast.Call):
            return self.name(node.func)
        made, _ = self._makers.get(_place(node), (None, None))
        return "" if made is None else self.name(made)

    def maker(self, node: ast.AST) -> ast.AST | None:
        """The value that was assigned to what `node` names."""
        return self._makers.get(_place(node), (None, None))[1]


def _place(node: ast.AST) -> str:
    return dotted(node.value) + "[]" if isinstance(node, ast.Subscript) else dotted(node)


def _is_once(child: ast.AST, loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether this child of a loop is evaluated once: its iterable or its `else`."""
    source = None if isinstance(loop, ast.While) else loop.iter
    return child is source or any(child is each for each in loop.orelse)

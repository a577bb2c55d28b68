"""What a run of the learner's module has changed in its process, so that the next run finds it unchanged.

What is cheap to put back is put back: seeded chance, log handlers, warning filters, the recursion limit.
Anything else that differs from how it was before the first run is told, and ends the process.

This catches honest accidents only: code that means to hide something from it can. Nothing rests on it,
since whatever is carried from run to run is worthless there (SECURITY.md, "Runs that share a guest").
"""

from __future__ import annotations

import gc
import logging
import operator
import os
import random
import sys
import warnings
from collections.abc import Iterator
from types import MappingProxyType, ModuleType
from typing import Any

_WATCHED = {
    "_thread", "asyncio", "builtins", "collections", "concurrent", "contextlib", "contextvars",
    "functools", "grader", "inspect", "io", "itertools", "os", "queue", "random", "select", "selectors",
    "signal", "socket", "subprocess", "threading", "time", "types", "weakref",
}  # fmt: skip
"""Packages of which a run may change nothing, in their modules or in the classes that these define."""
_FREE = frozenset(
    (
        ("asyncio.events", "_event_loop_policy"),
        ("asyncio.streams.StreamWriter", "__del__"),
        ("concurrent.futures.thread", "_shutdown"),
        ("grader.sim.world", "_current"),
        ("random", "_inst"),
        ("os", "environ"),
        ("builtins", "_"),
    )
)
"""What changes by itself."""
_CALM = ("__annotations__", "__annotate__", "__annotations_cache__", "__warningregistry__")
"""What Python itself adds to a module or a class when somebody asks for it."""
Parts = dict[str, Any] | MappingProxyType[str, Any]


def _watched() -> Iterator[tuple[str, Parts]]:
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in _WATCHED and isinstance(module, ModuleType):
            yield name, vars(module)
            for word, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == name and not value.__flags__ & _IMMUTABLE:
                    yield f"{name}.{word}", vars(value)


_IMMUTABLE = 1 << 8
"""Py_TPFLAGS_IMMUTABLETYPE: classes written in C, which nobody can change."""


class Fingerprint:
    """How the process is before any of the learner's code has run in it."""

    def __init__(self) -> None:
        self._parts = [(name, parts, dict(parts)) for name, parts in _watched()]
        self._environment = dict(os.environ)
        self._path, self._finders = list(sys.path), list(sys.meta_path)
        self._handlers, self._level = list(logging.root.handlers), logging.root.level
        self._filters = list(warnings.filters)
        self._recursion_limit = sys.getrecursionlimit()
        self._hooks = (sys.excepthook, sys.unraisablehook, sys.displayhook)

    def restore(self) -> list[str]:
        """Put back what can be; what cannot is returned, in words."""
        random.seed(0)
        logging.root.handlers[:] = self._handlers
        logging.root.setLevel(self._level)
        warnings.filters[:] = self._filters  # type: ignore[index]  # a list, typed as a sequence
        sys.setrecursionlimit(self._recursion_limit)
        gc.disable()
        sys.path[:] = self._path
        return list(self._changed())

    def _changed(self) -> Iterator[str]:
        for name, parts, before in self._parts:
            if len(parts) != len(before) or not all(map(operator.is_, parts.values(), before.values())):
                for word in sorted(set(parts) | set(before)):
                    is_free = word in _CALM or (name, word) in _FREE
                    if not is_free and parts.get(word) is not before.get(word):
                        yield f"{name}.{word}"
        if os.environ != self._environment:
            yield "os.environ"
        if sys.meta_path != self._finders:
            yield "sys.meta_path"
        if (sys.excepthook, sys.unraisablehook, sys.displayhook) != self._hooks:
            yield "a hook of sys"
        if sys.gettrace() is not None or sys.getprofile() is not None:
            yield "a trace function"

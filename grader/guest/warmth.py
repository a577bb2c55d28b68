"""What a guest's process has ready before any learner's code: the patched library, imported once."""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterable

from grader.sim import patches

WARM = (
    "asyncio",
    "concurrent.futures",
    "contextlib",
    "contextvars",
    "dataclasses",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "json",
    "logging",
    "queue",
    "random",
    "re",
    "selectors",
    "ssl",
    "subprocess",
    "threading",
    "traceback",
    "types",
    "typing",
)
"""What katas usually import: paid for once, before the forks."""


def warm_up(packages: Iterable[str]) -> None:
    """Replace the machine below the standard library, then import what guests will want."""
    patches.apply(patches.whole_library())
    for name in (*WARM, *packages):
        importlib.import_module(name)
    random.seed(0)  # A run is a function of submission, suite and seed: a learner's own chance too.
    sys.path_importer_cache.clear()

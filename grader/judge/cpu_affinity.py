"""Judge and guest take turns, so a second core only makes each turn a slow wake-up across cores.

For the length of one run they share the core that the judge is on; between runs the system may move
it, so that two judges which happened to meet on one core part again. The zygote stays free to work
on another core meanwhile: it makes the next guest ready and puts the last one away.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PROCESSOR = 39 - 3
"""Where `/proc/self/stat` has the core last run on, counted from behind the name (proc(5))."""


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this thread on the core that it is on. Does nothing where that cannot be."""
    core = _current_core()
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    _keep_on({core}, 0)
    try:
        yield
    finally:
        _keep_on(before, 0)


def share_core(pid: int) -> None:
    """Have that process run where this thread may. Does nothing where that cannot be."""
    if hasattr(os, "sched_getaffinity"):
        _keep_on(os.sched_getaffinity(0), pid)


def _keep_on(cores: set[int], pid: int) -> None:
    with suppress(OSError):
        os.sched_setaffinity(pid, cores)


def _current_core() -> int | None:
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return None
    try:
        return int(Path("/proc/thread-self/stat").read_text().rpartition(")")[2].split()[_PROCESSOR])
    except (OSError, ValueError, IndexError):
        return None

"""Judge and guest take turns, so a second core only makes each turn a slow wake-up across cores.

For the length of one run they share the core that the judge is on; between runs the system may move
them, so that two judges which happened to meet on one core part again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PROCESSOR = 39 - 3
"""Where `/proc/self/stat` has the core last run on, counted from behind the name (proc(5))."""


@contextmanager
def on_one_core(zygote_pid: int | None) -> Iterator[None]:
    """Keep this thread, and what that zygote forks, on one core. Does nothing where that cannot be."""
    core = _current_core() if zygote_pid is not None else None
    if core is None or zygote_pid is None:
        yield
        return
    before = os.sched_getaffinity(0)
    _keep_on({core}, zygote_pid)
    try:
        yield
    finally:
        _keep_on(before, zygote_pid)


def _keep_on(cores: set[int], zygote_pid: int) -> None:
    for pid in (0, zygote_pid):
        with suppress(OSError):
            os.sched_setaffinity(pid, cores)


def _current_core() -> int | None:
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return None
    try:
        return int(Path("/proc/thread-self/stat").read_text().rpartition(")")[2].split()[_PROCESSOR])
    except (OSError, ValueError, IndexError):
        return None

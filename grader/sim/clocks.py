"""The clocks that simulated code reads, and `time.sleep`: all of them the one virtual clock."""

from __future__ import annotations

import time as _real
from typing import Any

from grader.sim import world
from grader.sim.kernel import NS, to_ns
from grader.sim.machine import EPOCH_NS


def time_ns() -> int:
    return EPOCH_NS + world.current().kernel.now_ns


def time() -> float:
    return time_ns() / NS


def monotonic_ns() -> int:
    return world.current().kernel.now_ns


def monotonic() -> float:
    return monotonic_ns() / NS


def sleep(seconds: float, /) -> None:
    """As `time.sleep`, in virtual time. Raises ValueError for a negative length."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    kernel = world.current().kernel
    kernel.wait(kernel.now_ns + to_ns(seconds), what=f"time.sleep({seconds!r})")


def patches() -> list[tuple[Any, str, Any]]:
    """What of `time` a simulated process replaces."""
    monotonic_clocks = ("monotonic", "perf_counter", "process_time", "thread_time")
    return [
        (_real, "time", time),
        (_real, "time_ns", time_ns),
        (_real, "sleep", sleep),
        *((_real, name, monotonic) for name in monotonic_clocks),
        *((_real, f"{name}_ns", monotonic_ns) for name in monotonic_clocks),
    ]

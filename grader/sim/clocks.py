"""The clocks that simulated code reads, and `time.sleep`: all of them the one virtual clock."""

from __future__ import annotations

import queue
import sched
import socketserver
import threading
import time as _real
import types
from typing import Any

from grader.sim import world
from grader.sim.kernel import NS, to_ns
from grader.sim.machine import EPOCH_NS
from grader.sim.refusals import refusals

_localtime, _gmtime, _ctime, _asctime, _strftime = (
    _real.localtime,
    _real.gmtime,
    _real.ctime,
    _real.asctime,
    _real.strftime,
)
_MONOTONIC = ("monotonic", "perf_counter", "process_time", "thread_time")


def monotonic_ns() -> int:
    """Nanoseconds since the world began; 0 where there is none, which is while modules are imported."""
    machine = world.current_or_none()
    return 0 if machine is None else machine.kernel.now_ns


def monotonic() -> float:
    return monotonic_ns() / NS


def time_ns() -> int:
    return EPOCH_NS + monotonic_ns()


def time() -> float:
    return time_ns() / NS


def sleep(seconds: float, /) -> None:
    """As `time.sleep`, in virtual time. Raises ValueError for a negative length."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    kernel = world.current().kernel
    kernel.wait(kernel.now_ns + to_ns(seconds), what=f"time.sleep({seconds!r})")


# -- calendar: as in `time`, a moment not given is now -----------------------------------------------
def localtime(seconds: float | None = None, /) -> _real.struct_time:
    return _localtime(time() if seconds is None else seconds)


def gmtime(seconds: float | None = None, /) -> _real.struct_time:
    return _gmtime(time() if seconds is None else seconds)


def ctime(seconds: float | None = None, /) -> str:
    return _ctime(time() if seconds is None else seconds)


def asctime(moment: Any = None, /) -> str:
    return _asctime(localtime() if moment is None else moment)


def strftime(format: str, moment: Any = None, /) -> str:
    return _strftime(format, localtime() if moment is None else moment)


# -- clocks by name or number ------------------------------------------------------------------------
def get_clock_info(name: str, /) -> types.SimpleNamespace:
    """As `time.get_clock_info`. Raises ValueError for a clock that does not exist."""
    if name != "time" and name not in _MONOTONIC:
        raise ValueError("unknown clock")
    return types.SimpleNamespace(
        implementation="virtual clock", monotonic=name != "time", adjustable=False, resolution=1 / NS
    )


def clock_gettime_ns(clock: int, /) -> int:
    return time_ns() if clock == _real.CLOCK_REALTIME else monotonic_ns()


def clock_gettime(clock: int, /) -> float:
    return clock_gettime_ns(clock) / NS


def clock_getres(clock: int, /) -> float:
    return 1 / NS


_CAPTURED = (
    (threading, "_time"),
    (queue, "time"),
    (socketserver, "time"),
)
"""Where the standard library keeps its own reference to `time.monotonic`."""
_UNSETTABLE = ("clock_settime", "clock_settime_ns", "pthread_getcpuclockid")


def patches() -> list[tuple[Any, str, Any]]:
    """What of `time` a simulated process replaces."""
    ours = (time, time_ns, sleep, localtime, gmtime, ctime, asctime, strftime, get_clock_info)
    by_number = (clock_gettime, clock_gettime_ns, clock_getres)
    return [
        *((_real, one.__name__, one) for one in (*ours, *by_number) if hasattr(_real, one.__name__)),
        *((_real, name, monotonic) for name in _MONOTONIC),
        *((_real, f"{name}_ns", monotonic_ns) for name in _MONOTONIC),
        *((module, name, monotonic) for module, name in _CAPTURED),
        (sched.scheduler.__init__, "__defaults__", (monotonic, sleep)),
        *refusals(_real, _UNSETTABLE),
    ]

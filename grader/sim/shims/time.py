"""The clocks that simulated code reads, and `time.sleep`: all of them the one virtual clock."""

from __future__ import annotations

import asyncio
import math
import queue
import sched
import socketserver
import sys
import threading
import time as _real
import types
from types import FrameType
from typing import TYPE_CHECKING, Any

from grader.sim import world
from grader.sim.readings import EPOCH_NS, NS, FloatClock
from grader.sim.refusals import refusals

if TYPE_CHECKING:
    from grader.sim.kernel import Kernel

_localtime, _gmtime, _ctime, _asctime, _strftime = (
    _real.localtime,
    _real.gmtime,
    _real.ctime,
    _real.asctime,
    _real.strftime,
)
_MONOTONIC = ("monotonic", "perf_counter", "process_time", "thread_time")


def look(kernel: Kernel, looker: FrameType, clock: FloatClock | None = None) -> None:
    """Have it counted that the program looks at a clock, None for the nanoseconds. Raises BusyLoop.

    What asyncio asks in order to wait is no look: ten thousand tasks may begin to sleep at one instant.
    """
    if looker.f_globals.get("__package__") != "asyncio":
        kernel.look(clock, _next_call_s)


def _next_call_s() -> float:
    """When the loop that runs on this thread has something to call next, on its clock; never for none."""
    loop: Any = asyncio._get_running_loop()
    scheduled = getattr(loop, "_scheduled", None)
    if not scheduled:
        return math.inf
    now_s = world.current().kernel.now_ns / NS
    if scheduled[0]._when > now_s:
        return float(scheduled[0]._when)
    return min((handle._when for handle in scheduled if handle._when > now_s), default=math.inf)


def _read_ns(looker: FrameType) -> int:
    """Nanoseconds since the world began; 0 where there is none, which is while modules are imported."""
    machine = world.current_or_none()
    if machine is None:
        return 0
    look(machine.kernel, looker)
    return machine.kernel.now_ns


def monotonic_ns() -> int:
    return _read_ns(sys._getframe(1))


def time_ns() -> int:
    return EPOCH_NS + _read_ns(sys._getframe(1))


def monotonic() -> float:
    machine = world.current_or_none()
    if machine is None:
        return 0.0
    kernel = machine.kernel
    look(kernel, sys._getframe(1), kernel.monotonic)
    return kernel.monotonic.at(kernel.now_ns)


def time() -> float:
    machine = world.current_or_none()
    if machine is None:
        return EPOCH_NS / NS
    kernel = machine.kernel
    look(kernel, sys._getframe(1), kernel.calendar)
    return kernel.calendar.at(kernel.now_ns)


def sleep(seconds: float, /) -> None:
    """As `time.sleep`, in virtual time. Raises ValueError for a negative length."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    kernel = world.current().kernel
    kernel.wait(kernel.after(seconds), what=f"time.sleep({seconds!r})")


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
    return time() if clock == _real.CLOCK_REALTIME else monotonic()


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

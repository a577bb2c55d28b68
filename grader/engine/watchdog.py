"""Watching a process from outside: what hangs in one long call of C can be ended by nobody else.

Wall time decides when a process is ended, and never what that says of a submission: that is decided by the
CPU time which the process has had meanwhile. One that slept, or got no turn on a busy machine, had little.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

BUSY = 1 / 6
"""The share of a bound that a process must have been on a CPU to have been at work: 10 s of a minute.

An honest check takes its judge a few seconds at most between two signs of progress."""


class Clock(Protocol):
    """Real time, for a watchdog to wait by; tests have one of their own."""

    def now_s(self) -> float: ...

    def wait(self, over: threading.Event, seconds: float) -> bool:
        """Wait so long, or until it is over. Returns whether it is over."""


class RealClock:
    """The machine's."""

    def now_s(self) -> float:
        return time.monotonic()

    def wait(self, over: threading.Event, seconds: float) -> bool:
        return over.wait(seconds)


class Bound:
    """A length of real time, and what a process has done since it began."""

    def __init__(self, name: str, length_s: float, clock: Clock, cpu_s: Callable[[], float]) -> None:
        self.name, self.length_s = name, length_s
        self._clock, self._cpu_s = clock, cpu_s
        self.renew()

    def renew(self) -> None:
        self._since_s, self._cpu_since_s = self._clock.now_s(), self._cpu_s()

    def left_s(self) -> float:
        return self._since_s + self.length_s - self._clock.now_s()

    def was_busy(self) -> bool:
        return self._cpu_s() - self._cpu_since_s >= BUSY * self.length_s


class Watchdog(threading.Thread):
    """Calls `end` once when a bound has run out, unless it is called off before."""

    def __init__(self, bounds: list[Bound], end: Callable[[], None], clock: Clock) -> None:
        super().__init__(daemon=True, name="kata-watchdog")
        self.expired: Bound | None = None
        """The bound that ran out."""
        self.was_busy = False
        self._bounds, self._end, self._clock = bounds, end, clock
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.is_set():
            bound = min(self._bounds, key=Bound.left_s)
            left_s = bound.left_s()
            if left_s <= 0:
                self.was_busy = bound.was_busy()  # asked while the process is still there
                self.expired = bound
                self._end()
                return
            self._clock.wait(self._over, left_s)

    def call_off(self) -> None:
        self._over.set()


_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def cpu_of(pid: int) -> float:
    """Seconds that this process has been on a CPU; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

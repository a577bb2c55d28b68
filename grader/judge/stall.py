"""How long a guest slept for real: wall minus on-CPU minus run-queue delay.

Honest code in a guest either runs or waits in line for a CPU, however loaded the machine is. Real
time that is neither was slept in something that the simulation does not know. The judge waits in
line too, between a guest's answer and its own turn to read it: that is not the guest's either.
Linux only.
"""

from __future__ import annotations

import os
import time

STALL_S = 0.25
_PER_STEP_S = 0.0001
"""Waking another process costs this much at worst, and is neither running nor waiting to run."""
_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class StallMeter:
    """Adds up, over the guest's steps, the real time in which it neither ran nor waited to."""

    def __init__(self, pid: int) -> None:
        self._folder = f"/proc/{pid}"
        self._busy_at_start_s = self._busy_of_one_thread_s()
        self._own_delay_at_start_s = _own_delay_s()
        self._steps = 0
        self._steps_s = 0.0
        self._started_s = 0.0

    def _busy_of_one_thread_s(self) -> float | None:
        """What `_busy_s` is before it has started another thread, told by one file."""
        try:
            on_cpu, delay, _ = _read(f"{self._folder}/schedstat").split()
        except OSError:
            return None
        return (int(on_cpu) + int(delay)) / 1e9

    def _busy_s(self) -> float | None:
        """CPU time of all threads, those that have ended too, plus the run-queue delay of the living."""
        try:
            shares = [
                _read(f"{self._folder}/task/{thread}/schedstat").split()
                for thread in sorted(os.listdir(f"{self._folder}/task"))  # noqa: PTH208  # Path.iterdir costs more
            ]
            fields = _read(f"{self._folder}/stat").rpartition(")")[2].split()
        except OSError:
            return None
        living_s = sum(int(on_cpu) for on_cpu, _, _ in shares) / 1e9
        delay_s = sum(int(delay) for _, delay, _ in shares) / 1e9
        whole_s = (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
        return max(living_s, whole_s) + delay_s

    def step_begins(self) -> None:
        self._started_s = time.monotonic()

    def step_ends(self) -> None:
        self._steps += 1
        self._steps_s += time.monotonic() - self._started_s

    def has_stalled(self) -> bool:
        """Whether the guest has slept for real; False where that cannot be measured."""
        allowed_s = STALL_S + self._steps * _PER_STEP_S
        if self._steps_s < allowed_s:
            return False
        busy_s = self._busy_s()
        if busy_s is None or self._busy_at_start_s is None:
            return False
        own_delay_s = _own_delay_s() - self._own_delay_at_start_s
        return self._steps_s - own_delay_s - (busy_s - self._busy_at_start_s) > allowed_s


def _read(path: str) -> str:
    """A small file of the kernel's. Two are read for every guest, so not by way of `Path`. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096).decode()
    finally:
        os.close(descriptor)


def _own_delay_s() -> float:
    """How long the calling thread, the judge's, has waited in line for a CPU since it began."""
    try:
        return int(_read("/proc/thread-self/schedstat").split()[1]) / 1e9
    except OSError:
        return 0.0

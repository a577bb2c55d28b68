"""What one submission may use in all: CPU and real time, of its guests and of the judge together.

CPU is a verdict, and real time never is. Guests and judge share a core, so that they cannot have used more
CPU than time has passed: what they have used is looked up only when they could have used it up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from grader.records import Limits
from grader.testing import Failure, Verdict

_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_LEAST_LOOK_S = 0.01
_PATIENCE = 3
"""How many times its real time a submission is waited for that is using up its CPU."""


class Budget:
    """Counts down for one submission. Instants are those of `time.monotonic`."""

    def __init__(self, limits: Limits, cpu_of: Callable[[int], float] | None = None) -> None:
        """`cpu_of` says how much CPU a process has used, in seconds."""
        self._limits = limits
        self._cpu_of = cpu_of or _cpu_of
        self._judge_at_start_s = time.process_time()
        self._of_ended_s = 0.0
        self._guest: int | None = None
        now_s = time.monotonic()
        self._wall_ends_s = now_s + limits.wall_s
        self._give_up_s = now_s + _PATIENCE * limits.wall_s
        self.look_again_s = now_s + min(limits.cpu_s, limits.wall_s)
        """When it can be spent at the earliest."""

    def guest_begins(self, pid: int, made_ready_s: float) -> None:
        """A guest is at work from now on. What it took to shut it in is no time of the submission's."""
        self._guest = pid
        self._wall_ends_s += made_ready_s
        self._give_up_s += made_ready_s

    def guest_ends(self, cpu_s: float | None = None) -> None:
        """It is at work no more; `cpu_s` is what it has used, where that is known already."""
        if self._guest is not None:
            self._of_ended_s += self._cpu_of(self._guest) if cpu_s is None else cpu_s
            self._guest = None

    def used_s(self) -> float:
        """CPU so far, in seconds."""
        of_guest_s = 0.0 if self._guest is None else self._cpu_of(self._guest)
        return time.process_time() - self._judge_at_start_s + self._of_ended_s + of_guest_s

    def failure(self) -> Failure | None:
        """Why the submission must end, if it must: its CPU is used up, or too much time has passed."""
        now_s = time.monotonic()
        if now_s < self.look_again_s:
            return None
        left_s = self._limits.cpu_s - self.used_s()
        if left_s <= 0:
            return over_cpu(self._limits)
        # Who has used half of it is running, on a machine that has much else to do: that can be waited for.
        is_running = left_s < self._limits.cpu_s / 2
        ends_s = self._give_up_s if is_running else self._wall_ends_s
        if now_s >= ends_s:
            return out_of_real_time(self._limits)
        self.look_again_s = min(now_s + max(left_s, _LEAST_LOOK_S), ends_s)
        return None


def over_cpu(limits: Limits) -> Failure:
    """The submission has used up its CPU time."""
    text = (
        f"It used more than {limits.cpu_s:g} s of CPU. A loop that looks until something has changed never"
        " ends here: only waiting moves the clock."
    )
    return Failure(text, verdict=Verdict.TIME_LIMIT)


def out_of_real_time(limits: Limits) -> Failure:
    """Too much real time has passed: not a verdict on the answer."""
    text = (
        f"Your program was still running after {limits.wall_s:g} s of real time and had not used up its"
        f" {limits.cpu_s:g} s of CPU, so it could not be judged. Judge it again when this machine is idle."
    )
    return Failure(text, verdict=Verdict.STALLED)


def _cpu_of(pid: int) -> float:
    """CPU time of all threads of a process, those that have ended too; 0 where that cannot be known."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  # read for every guest; Path costs more
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

"""The clock as programs read it: seconds in floats, made from the kernel's whole nanoseconds.

Rules
-----
1. A deadline is a reading and a number of seconds, and is rounded up to a whole nanosecond, but for
   what is only the noise of float arithmetic: `0.1 + 0.2` is three tenths of a second.
2. Who has waited until a deadline reads that deadline at least: the float that the program made.
3. Readings at one instant are equal, up to `FREE_LOOKS` of them. After that each is the next float,
   but never as late as the next deadline: who looks again until the clock has moved sees it move,
   as on a real machine, and the nanoseconds stay.
4. No reading is less than one before it.
"""

from __future__ import annotations

import math

NS = 1_000_000_000
EPOCH_NS = 1_893_456_000 * NS
"""What `time.time()` reads at virtual zero: 2030-01-01 00:00:00 UTC, in nanoseconds."""
FREE_LOOKS = 100
_NOISE_ULPS = 1024
"""As many roundings as arithmetic may have made on the way to a deadline, ..."""
_NOISE_NS = 1 / 16
"""... and never more than this: what is written as a length is not noise."""


def whole_ns(seconds: float, due: float) -> int:
    """Seconds rounded up to nanoseconds, but for the noise of floats as large as `due`.

    Raises ValueError for NaN, OverflowError for infinity.
    """
    exact_ns = seconds * NS
    if exact_ns.is_integer():  # as most are
        return int(exact_ns)
    return math.ceil(exact_ns - min(_NOISE_NS, _NOISE_ULPS * math.ulp(due) * NS))


class FloatClock:
    """One clock of the machine: `time.monotonic` or `time.time`."""

    __slots__ = ("_least", "_zero_ns")

    def __init__(self, zero_ns: int) -> None:
        self._zero_ns = zero_ns
        self._least = 0.0
        """The least that it may read from now on."""

    def at(self, now_ns: int) -> float:
        """What it reads at that instant, not before the present one."""
        reading = (self._zero_ns + now_ns) / NS
        return reading if reading > self._least else self._least

    def never_before(self, reading: float) -> None:
        """Have it read at least so much from now on."""
        if reading > self._least:
            self._least = reading

    def step(self, now_ns: int, deadline_s: float) -> None:
        """Have it read the next float from now on, but nothing as late as that deadline.

        `deadline_s` is on the monotonic clock, as all deadlines of a machine.
        """
        reading = math.nextafter(self.at(now_ns), math.inf)
        if reading < self._zero_ns / NS + deadline_s:
            self._least = reading


class Deadline(int):
    """An instant (ns) that a program has chosen, and what its clocks shall read when it has come."""

    reads_s: float
    """On the monotonic clock."""
    calendar_reads_s: float

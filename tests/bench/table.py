"""One line of the table: what was measured, what is wanted, and whether it was reached."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure beside its goal. `reached` is None where there is no goal to reach."""

    what: str
    seen: str
    goal: str
    reached: bool | None

    def __str__(self) -> str:
        mark = {True: "reached", False: "MISSED", None: ""}[self.reached]
        return f"{self.what:<66} {self.seen:>22}   {self.goal:<22} {mark}"


def at_most(what: str, seen: float, goal: float, unit: str, digits: int = 2) -> Row:
    """A row whose figure should not exceed its goal."""
    return Row(what, f"{seen:.{digits}f} {unit}", f"at most {goal:g} {unit}", seen <= goal)


def at_least(what: str, seen: float, goal: float, unit: str, digits: int = 2) -> Row:
    """A row whose figure should reach its goal."""
    return Row(what, f"{seen:.{digits}f} {unit}", f"at least {goal:g} {unit}", seen >= goal)


def timed(work: Callable[[], object]) -> float:
    """Wall seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_of(work: Callable[[], object], runs: int = 5) -> float:
    """Median wall seconds of several runs, after one to warm up."""
    work()
    return statistics.median(timed(work) for _ in range(runs))


def ratio_in_pairs(one: Callable[[], object], two: Callable[[], object], runs: int = 5) -> float:
    """Median of one/two over pairs run side by side, so that a drifting machine drifts for both."""
    one(), two()
    return statistics.median(timed(one) / timed(two) for _ in range(runs))

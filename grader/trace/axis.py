"""Time on paper: how an instant is written and where it falls on a scale. Integers in, so nothing drifts."""

from __future__ import annotations

_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns"))
_PLACES = 3


def format_ns(ns: int) -> str:
    """A duration or instant in the largest unit that leaves a whole part: `1.5 s`, `250 ms`, `0 s`.

    At most three decimals. An exact value loses its trailing zeros (`1 s`); a rounded one keeps
    them (`1.000 s`), so that the two are never mistaken for each other.
    """
    if ns < 0:
        return "-" + format_ns(-ns)
    unit_ns, unit = next((pair for pair in _UNITS if ns >= pair[0]), _UNITS[0])
    whole, rest = divmod(ns, unit_ns)
    if not rest:
        return f"{whole} {unit}"
    thousandths, lost = divmod(ns * 10**_PLACES, unit_ns)
    thousandths += lost * 2 >= unit_ns
    text = f"{thousandths // 10**_PLACES}.{thousandths % 10**_PLACES:0{_PLACES}d}"
    return f"{text if lost else text.rstrip('0')} {unit}"


def ticks(makespan_ns: int, at_most: int = 8) -> tuple[int, ...]:
    """Round instants from 0 up to `makespan_ns`, at most `at_most` (two or more) of them.

    The step is the smallest of 1, 2 and 5 times a power of ten that keeps the count.
    """
    step = _step(makespan_ns, max(2, at_most))
    return tuple(range(0, max(0, makespan_ns) + 1, step))


def _step(makespan_ns: int, at_most: int) -> int:
    decade = 1
    while True:
        for factor in (1, 2, 5):
            if makespan_ns // (decade * factor) < at_most:
                return decade * factor
        decade *= 10


def column(at_ns: int, makespan_ns: int, width: int) -> int:
    """Where `at_ns` falls on a scale `width` cells wide that ends at `makespan_ns`: 0 to `width`."""
    if makespan_ns <= 0:
        return 0
    return min(max(at_ns, 0), makespan_ns) * width // makespan_ns

"""Which simulated machine this process's patched standard library belongs to just now."""

from __future__ import annotations

from grader.sim.machine import Machine

_current: Machine | None = None


def current() -> Machine:
    """The machine in force. Raises RuntimeError outside any simulated world."""
    if _current is None:
        raise RuntimeError("no simulated machine is in force here")
    return _current


def current_or_none() -> Machine | None:
    return _current


def enter(machine: Machine | None) -> Machine | None:
    """Put a machine (or none) in force; returns the one before, to be put back."""
    global _current
    before, _current = _current, machine
    return before

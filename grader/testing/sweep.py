"""`@sweep(...)`: a check that runs once for each fault of its contract, in worlds of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from grader.testing.faults import Row

if TYPE_CHECKING:
    import pytest

Body = Callable[[Any], Coroutine[Any, Any, None]]


def sweep(*rows: Row) -> Callable[[Body], Callable[[Any], None]]:
    """Make a check of a coroutine function that describes one run; `rows` are the faults that apply.

    The function gets a `SweepRun`. The check passes if it holds without a fault and under each of them.
    """

    def decorate(body: Body) -> Callable[[Any], None]:
        def swept_check(sweeping: Any) -> None:
            sweeping(body, rows)

        swept_check.__name__, swept_check.__doc__ = body.__name__, body.__doc__
        swept_check.__module__, swept_check.__qualname__ = body.__module__, body.__qualname__
        marks = getattr(body, "pytestmark", [])
        swept_check.pytestmark = marks  # type: ignore[attr-defined]  # where pytest looks for marks
        return swept_check

    return decorate


def stage(number: int) -> pytest.MarkDecorator:
    """The stage of its kata that a check belongs to, from 1. A check without it belongs to the first."""
    import pytest

    return pytest.mark.stage(number)

"""Fixtures of the simulation's tests: one world, or each behaviour on both platforms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from platforms import Platform, Real, Simulated


@pytest.fixture(params=["real", "simulated"])
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    """This machine as the oracle, then the simulated one: the same must be seen on both."""
    chosen: Platform = Real() if request.param == "real" else Simulated()
    with chosen.running():
        yield chosen


@pytest.fixture
def world() -> Iterator[Simulated]:
    """A simulated machine in force, with its network and virtual clock."""
    with Simulated().running() as simulated:
        yield simulated

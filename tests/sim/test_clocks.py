"""Clocks and calendars: all of them read the one virtual clock."""

from __future__ import annotations

import asyncio
import copy
import datetime
import sched
import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import Simulated

from grader.errors import NotSimulated
from grader.sim.shims import time as time_shim

NOISE_NS = Fraction(1, 4)
"""What is taken for noise of float arithmetic, and the rounding of its own."""
START = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


def test_the_world_begins_in_2030_and_every_clock_agrees(world: Simulated) -> None:
    assert time.time() == START.timestamp()
    time.sleep(1.5)
    assert time.time_ns() == int(START.timestamp()) * 10**9 + 1_500_000_000
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        assert getattr(time, name)() == 1.5
        assert getattr(time, f"{name}_ns")() == 1_500_000_000
    assert time.clock_gettime(time.CLOCK_REALTIME) == time.time()
    assert time.clock_gettime_ns(time.CLOCK_MONOTONIC) == 1_500_000_000
    assert time.clock_getres(time.CLOCK_MONOTONIC) == 1e-9


@settings(max_examples=30)
@given(lengths=st.lists(st.floats(0, 1e6), max_size=10))
def test_a_sleep_takes_as_long_as_it_says_rounded_up_to_a_nanosecond(lengths: list[float]) -> None:
    with Simulated().running() as world:
        expected = Fraction(0)
        for length in lengths:
            time.sleep(length)
            expected += Fraction(length)
            now_ns, exact_ns = world.kernel.now_ns, expected * 10**9
            assert exact_ns - NOISE_NS <= now_ns < exact_ns + 1 + NOISE_NS
            expected = Fraction(now_ns, 10**9)
    with pytest.raises(ValueError, match="non-negative"), Simulated().running():
        time.sleep(-1)


def test_calendars_know_what_day_it_is(world: Simulated) -> None:
    time.sleep(86_400 + 3 * 3600)
    now = START + datetime.timedelta(days=1, hours=3)
    assert datetime.datetime.now(datetime.UTC) == now
    assert datetime.datetime.now().astimezone(datetime.UTC) == now
    assert datetime.datetime.today() == datetime.datetime.now()
    assert datetime.date.today() == datetime.datetime.now().date()
    assert time.gmtime()[:6] == (2030, 1, 2, 3, 0, 0)
    assert time.localtime() == time.localtime(time.time())
    assert time.strftime("%Y-%m-%d", time.gmtime()) == "2030-01-02"
    assert time.strftime("%H") == time.strftime("%H", time.localtime())
    assert time.ctime() == time.ctime(time.time()) == time.asctime()
    assert time.gmtime(0).tm_year == 1970


@pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning")
def test_utcnow_is_the_same_instant(world: Simulated) -> None:
    time.sleep(7)
    assert datetime.datetime.utcnow() == datetime.datetime(2030, 1, 1, 0, 0, 7)


def test_dates_are_of_the_real_classes_and_outlive_their_world() -> None:
    """They compare, copy, subtract and match like any other."""
    real = datetime.datetime(2030, 1, 1)
    with Simulated().running():
        moment = datetime.datetime(2030, 1, 1)
        today: Any = datetime.date.today()
        assert isinstance(real, datetime.datetime)
        assert isinstance(moment, datetime.date)
        assert not isinstance(today, datetime.datetime)
        assert issubclass(datetime.datetime, datetime.date)
        assert datetime.datetime.fromisoformat("2030-01-01") == moment
        assert datetime.datetime.combine(today, datetime.time()) == moment
        match moment:
            case datetime.datetime(year=year):
                assert year == 2030
        assert repr(datetime.datetime) == "<class 'datetime.datetime'>"
    assert type(moment) is datetime.datetime
    assert type(today) is datetime.date
    assert moment == real == copy.deepcopy(moment)
    assert repr(moment) == "datetime.datetime(2030, 1, 1, 0, 0)"


def test_a_programs_own_dates_are_its_own() -> None:
    with Simulated().running():

        class Stamp(datetime.datetime):
            """Somebody's subclass."""

        stamp = Stamp.now()
        assert type(stamp) is Stamp
        assert isinstance(stamp, Stamp)
        assert isinstance(stamp, datetime.datetime)
        assert not isinstance(datetime.datetime.now(), Stamp)
        assert issubclass(Stamp, datetime.datetime)


def test_clocks_tell_of_themselves(world: Simulated) -> None:
    info = time.get_clock_info("monotonic")
    assert (info.implementation, info.monotonic, info.resolution) == ("virtual clock", True, 1e-9)
    assert not time.get_clock_info("time").monotonic
    with pytest.raises(ValueError, match="unknown clock"):
        time.get_clock_info("sundial")
    with pytest.raises(NotSimulated, match=r"time\.clock_settime"):
        time.clock_settime(time.CLOCK_REALTIME, 0)


def test_the_librarys_own_references_to_the_clock_follow(world: Simulated) -> None:
    """`sched` took its clock and its sleep at its import."""
    seen: list[float] = []
    scheduler = sched.scheduler()
    scheduler.enter(5, 1, lambda: seen.append(time.monotonic()))
    scheduler.run()
    assert seen == [5.0]

    async def main() -> float:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + 10):
            await asyncio.sleep(2)
        return asyncio.get_running_loop().time()

    assert asyncio.run(main()) == 7.0


def test_outside_any_world_the_clock_stands_still() -> None:
    """Modules that are imported with the library patched, before the world begins, may look at it."""
    assert time_shim.monotonic_ns() == 0
    assert time_shim.time() == START.timestamp()

"""Kata 01: a kettle that can be left alone."""

import asyncio

from grader.testing import (
    assert_at,
    assert_equal,
    assert_took,
    check,
    clock_is_exact,
    is_off,
    points,
    seconds,
)

SECONDS_PER_CUP = 2
DEMO_CUPS = 3
KETTLES = 40
"""More than there can be threads (see kata.toml): a thread for each kettle is not the answer."""
REFUSAL = ValueError("never boil an empty kettle")


async def demo(net, rng):
    """Nothing but the clock is needed; returns the best possible time in nanoseconds."""
    return boiling_ns(DEMO_CUPS)


def boiling_ns(cups):
    """How long a kettle takes, whatever else goes on."""
    return seconds(cups * SECONDS_PER_CUP)


def some_cups(rng):
    """How many cups: few, often a single one, or many."""
    return rng.choice((1, rng.randint(2, 12), rng.randint(13, 99)))


def water(cups):
    """What boil gives."""
    return f"boiling water for {cups}"


async def boil(kata, cups):
    """Have a kettle boiled, see that its water is right, and that it took its time."""
    assert_equal(await kata.call("boil", cups), water(cups), f"The water of boil({cups})")
    assert_took(kata, boiling_ns(cups), why=f"boil({cups}) waits two seconds a cup.")


async def test_gives_boiling_water(kata, rng):
    """boil is a coroutine function, and gives the same text as before."""
    for cups in (1, some_cups(rng), some_cups(rng)):
        assert_equal(await kata.call("boil", cups), water(cups), f"The water of boil({cups})")


async def test_takes_its_time(kata, rng):
    """It takes two seconds a cup, exactly."""
    for cups in (rng.randint(4, 99), some_cups(rng)):
        await boil(kata, cups)


async def test_the_loop_stays_free(kata, rng):
    """While the water heats, the event loop is free."""
    async with kata.heartbeat():
        await boil(kata, some_cups(rng))


@points(2)
async def test_kettles_do_not_wait_for_each_other(kata, rng, clock):
    """Forty kettles boil side by side, each in its own time."""
    expected_ns, calls = [], []
    cups_of = [some_cups(rng) for _ in range(KETTLES)]
    for number, cups in enumerate(cups_of):
        if number % 8 == 7:
            await asyncio.sleep(rng.randint(1, 3))
        expected_ns.append(clock.now_ns + boiling_ns(cups))
        calls.append(kata.call("boil", cups))
    waters = await asyncio.gather(*calls)
    assert_equal(waters, [water(cups) for cups in cups_of], "The water of forty kettles")
    assert_at([call.ended_ns for call in calls], expected_ns, "The kettles' ends")


async def test_an_empty_kettle_is_refused(kata, rng):
    """An empty kettle is refused at once."""
    for cups in (0, -rng.randint(1, 9)):
        try:
            seen = await kata.call("boil", cups)
        except ValueError as error:
            text = f"boil({cups}) should raise {REFUSAL!r}, but it raised {error!r}."
            check(repr(error) == repr(REFUSAL), text)
            assert_took(kata, 0, why=f"boil({cups}) raises before it waits.")
        else:
            check(False, f"boil({cups}) should raise ValueError, but it gave {seen!r}.")


async def test_main_tells_what_happens(kata, clock):
    """main is a coroutine function, and prints the same two lines at the same moments."""
    call = kata.call("main")
    await call
    # A real program takes a moment to load.
    began_ns = 0 if clock_is_exact() else call.started_ns
    printed = {}
    for printed_ns, text in kata.printed:
        at_ns = printed_ns - began_ns
        at_s = next((due for due in (0, boiling_ns(DEMO_CUPS)) if not is_off(at_ns, due)), at_ns) / seconds(1)
        printed[at_s] = printed.get(at_s, "") + text
    expected = {0.0: "The kettle is on.\n", DEMO_CUPS * 2.0: f"boiling water for {DEMO_CUPS}\n"}
    assert_equal(printed, expected, "What main() prints, by second,")

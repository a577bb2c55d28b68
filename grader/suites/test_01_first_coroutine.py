"""Kata 01: a kettle that can be left alone.

Stage 1: it boils, and the program is free. Stage 2: any number of kettles and of cups, and refusals.
Cancellation is not taught yet.
"""

import asyncio

from grader.testing import assert_at, assert_equal, check, is_off, points, seconds
from grader.testing.faults import again, amount, only
from grader.testing.sweep import stage, sweep

SECONDS_PER_CUP = 2
DEMO_CUPS = 3
KETTLES = 40
"""More than there can be threads (see kata.toml): a thread for each kettle is not the answer."""
REFUSAL = "never boil an empty kettle"
TOO_FEW = {"": 0, "minus-one": -1, "far-below": -1000}
"""Cups of a kettle that is refused, by variant."""


async def demo(net, rng):
    """Nothing but the clock is needed; returns the best possible time in nanoseconds."""
    return boiling_ns(DEMO_CUPS)


def boiling_ns(cups):
    """How long a kettle takes, whatever else goes on."""
    return seconds(cups * SECONDS_PER_CUP)


def water(cups):
    """What boil gives."""
    return f"boiling water for {cups}"


async def boil(run, cups):
    """Have a kettle boiled, see that its water is right, and that it took its time."""
    call = run.call("boil", cups=cups) if run.variant == "by-name" else run.call("boil", cups)
    await run.returns(call, water(cups), took_ns=boiling_ns(cups), what=f"The water of boil({cups})")


@points(2)
@sweep(amount("1", "2", "1800"), only("by-name"))
async def test_gives_boiling_water(run):
    """boil is a coroutine function; it gives the same text as before, after two seconds a cup."""
    await boil(run, run.amount(run.rng.randint(4, 9)))


@sweep()
async def test_the_loop_stays_free(run):
    """While the water heats, the event loop is free."""
    async with run.kata.heartbeat():
        await boil(run, run.rng.randint(2, 5))


@sweep(again("row"))
async def test_main_tells_what_happens(run):
    """main is a coroutine function, and prints the same two lines at the same moments."""
    before = len(run.kata.printed)
    call = run.call("main")
    outcome = await run.outcome(call)
    run.assert_no_mistake(outcome)
    printed = {}
    for printed_ns, text in run.kata.printed[before:]:
        at_ns = printed_ns - call.started_ns
        due = next((due for due in (0, boiling_ns(DEMO_CUPS)) if not is_off(at_ns, due)), at_ns)
        printed[due / seconds(1)] = printed.get(due / seconds(1), "") + text
    expected = {0.0: "The kettle is on.\n", DEMO_CUPS * 2.0: f"{water(DEMO_CUPS)}\n"}
    assert_equal(printed, expected, "What main() prints, by second,")
    check(outcome.kind == "returned", "main() ended as if cancelled.")


@stage(2)
@points(2)
@sweep(only("the-same-cups"), again("row", "loop"))
async def test_kettles_do_not_wait_for_each_other(run):
    """Forty kettles boil side by side, each in its own time."""
    ends_ns, calls = [], []
    cups_of = [run.rng.randint(1, 4) for _ in range(KETTLES)]
    if run.variant:
        cups_of = [3] * KETTLES
    for number, cups in enumerate(cups_of):
        if number % 8 == 7:
            await asyncio.sleep(1)
        ends_ns.append(run.now_ns + boiling_ns(cups))
        calls.append(run.call("boil", cups))
    waters = await asyncio.gather(*calls)
    assert_equal(waters, [water(cups) for cups in cups_of], "The water of forty kettles")
    assert_at([call.ended_ns for call in calls], ends_ns, "The kettles' ends")


@stage(2)
@sweep(only("minus-one", "far-below"), again("row"))
async def test_an_empty_kettle_is_refused(run):
    """An empty kettle is refused at once, and the next one boils as ever."""
    await run.raises(run.call("boil", TOO_FEW[run.variant]), ValueError(REFUSAL), at_ns=0)
    await boil(run, 1)

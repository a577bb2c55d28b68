"""Kata 06: as many steps at once as a plan allows."""

import asyncio
import zlib
from functools import partial

from grader.testing import (
    Verdict,
    an_instant,
    assert_equal,
    assert_took,
    check,
    clear_of,
    clock_is_exact,
    explore,
    is_late,
    is_off,
    long_s,
    points,
    seconds,
    show_ns,
)

DEMO_MINUTES = {
    "boil water": 3,
    "set table": 2,
    "slice bread": 1,
    "brew tea": 4,
    "boil egg": 5,
    "toast bread": 3,
    "butter toast": 1,
    "serve": 1,
}
DEMO_PLAN = {
    "boil water": [],
    "set table": [],
    "slice bread": [],
    "brew tea": ["boil water"],
    "boil egg": ["boil water"],
    "toast bread": ["slice bread"],
    "butter toast": ["toast bread"],
    "serve": ["set table", "brew tea", "boil egg", "butter toast"],
}


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    lengths_ns = {step: seconds(count) for step, count in DEMO_MINUTES.items()}
    return max(ends_of(DEMO_PLAN, lengths_ns).values())


VERBS = ("peel", "chop", "fry", "mix", "stir")


PART = None | str | int
"""What a step may give."""


# -- plans -----------------------------------------------------------------------------------------
def some_count(rng):
    """How many steps a plan has."""
    return rng.randint(5, 12)


def some_name(rng, number):
    """A step's name; no two are alike that have numbers of their own."""
    return f"{rng.choice(VERBS)} {number * 10**6 + rng.randrange(10**6)}"


def some_plan(rng, count, most_needs=3):
    """A plan of that many steps, each needing up to `most_needs` random ones before it."""
    names = [f"{rng.choice(VERBS)} {number}" for number in rng.sample(range(10**6), count)]
    plan = {}
    for step in names:
        before = list(plan)
        plan[step] = rng.sample(before, min(len(before), rng.randint(0, most_needs)))
    return plan


def some_lengths_ns(rng, plan):
    """How long each step takes: whole microseconds, from a tenth of a second to two."""
    return {step: rng.randint(100_000, 2_000_000) * 1000 for step in plan}


def ends_of(plan, lengths_ns):
    """When each step ends at the earliest, in nanoseconds from the start."""
    ends = {}
    for step, needs in plan.items():
        ends[step] = max((ends[need] for need in needs), default=0) + lengths_ns[step]
    return ends


def needing(plan, failed):
    """Every step that needs one of `failed`, directly or through others; and those themselves."""
    spoiled = set(failed)
    for step, needs in plan.items():
        if spoiled.intersection(needs):
            spoiled.add(step)
    return spoiled


class Kitchen:
    """Performs steps, and notes when each began and ended. What a step gives depends on its parts.

    Some give nothing to speak of: None, an empty text, 0.
    """

    def __init__(self, clock, rng, lengths_ns, failing=()):
        self.clock, self.lengths_ns, self.failing = clock, lengths_ns, failing
        self.salt = rng.randrange(10**9)
        self.empty = {step: rng.choice((None, "", 0)) for step in lengths_ns if rng.random() < 0.25}
        self.opened_ns = clock.now_ns
        self.begun, self.ended, self.parts = {}, {}, {}
        self.cancelled, self.twice = [], []
        self.order = []

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    async def perform(self, step: str, parts: list[PART]):
        if step in self.begun:
            self.twice.append(step)
        self.order.append(step)
        self.begun[step], self.parts[step] = self.now_ns(), parts
        try:
            await asyncio.sleep(self.lengths_ns[step] / 1e9)
        except asyncio.CancelledError:
            self.cancelled.append(step)
            raise
        finally:
            self.ended[step] = self.now_ns()
        if step in self.failing:
            raise ValueError(f"{step} went wrong ({self.salt})")
        return self.product(step, parts)

    def product(self, step, parts):
        if step in self.empty:
            return self.empty[step]
        text = repr((self.salt, step, list(parts)))
        return f"{step}#{zlib.crc32(text.encode()):08x}"

    def products(self, plan):
        """What every step of a plan gives when all goes well."""
        made = {}
        for step, needs in plan.items():
            made[step] = self.product(step, [made[need] for need in needs])
        return made


async def make(kata, clock, rng, plan, lengths_ns):
    """Have a plan made in a kitchen of its own, and see that all is in it."""
    kitchen = Kitchen(clock, rng, lengths_ns)
    made = await kata.call("make", plan, kitchen.perform)
    assert_made(kitchen, plan, made)
    return kitchen


def assert_made(kitchen, plan, made):
    check(not kitchen.twice, f"These steps were performed more than once: {', '.join(kitchen.twice[:5])}.")
    missing = [step for step in plan if step not in kitchen.begun]
    check(not missing, f"{len(missing)} of {len(plan)} steps were never performed.")
    products = kitchen.products(plan)
    for step, needs in plan.items():
        assert_equal(kitchen.parts[step], [products[need] for need in needs], f"The parts for {step!r}")
    assert_equal(made, products, "What the steps gave")


def assert_each_at_its_time(plan, kitchen):
    """Every step began when the last of what it needs had ended."""
    for step, needs in plan.items():
        due_ns = max((kitchen.ended[need] for need in needs), default=0)
        late_ns = kitchen.begun[step] - due_ns
        if is_off(kitchen.begun[step], due_ns):
            when = f"{show_ns(abs(late_ns))} {'after' if late_ns > 0 else 'before'}"
            text = f"A step began {when} the steps that it needs had all ended."
            check(False, text, Verdict.NOT_CONCURRENT if late_ns > 0 else Verdict.WRONG_ANSWER)


# -- the good case ---------------------------------------------------------------------------------
async def test_every_step_gives_its_part(kata, clock, rng):
    """Each step is performed once, with the parts it needs, and all that was made is returned."""
    for count in (some_count(rng), some_count(rng), rng.randint(100, 130), 0):
        plan = some_plan(rng, count)
        kitchen = Kitchen(clock, rng, some_lengths_ns(rng, plan))
        made = await kata.call("make", plan, kitchen.perform)
        assert_made(kitchen, plan, made)
        assert_equal(list(made), list(plan), "The order of what was returned")


@points(2)
@explore(seeds=50)
async def test_takes_the_critical_path(kata, clock, rng):
    """A plan takes as long as its longest chain of steps, and no step waits for others."""
    plan = some_plan(rng, some_count(rng))
    lengths_ns = some_lengths_ns(rng, plan)
    kitchen = await make(kata, clock, rng, plan, lengths_ns)
    assert_took(kata, max(ends_of(plan, lengths_ns).values()))
    assert_each_at_its_time(plan, kitchen)


async def test_a_slow_branch_holds_up_nobody(kata, clock, rng):
    """A chain of quick steps runs through while one slow step is under way."""
    begin, slow, *chain, serve = (some_name(rng, number) for number in range(rng.randint(6, 9)))
    needs = [[before] for before in (begin, *chain[:-1])]
    plan = {begin: [], slow: []} | dict(zip(chain, needs, strict=True)) | {serve: [slow, chain[-1]]}
    lengths_ns = some_lengths_ns(rng, plan) | {slow: rng.randint(13_000_000, 15_000_000) * 1000}
    kitchen = await make(kata, clock, rng, plan, lengths_ns)
    assert_each_at_its_time(plan, kitchen)
    assert_took(kata, lengths_ns[slow] + lengths_ns[serve])


async def test_a_hundred_steps_at_once(kata, clock, rng):
    """A hundred steps that need nothing are all under way together."""
    plan = some_plan(rng, rng.randint(100, 130), most_needs=0)
    plan[some_name(rng, 1)] = list(plan)
    lengths_ns = some_lengths_ns(rng, plan)
    kitchen = await make(kata, clock, rng, plan, lengths_ns)
    assert_each_at_its_time(plan, kitchen)
    assert_took(kata, max(ends_of(plan, lengths_ns).values()))


async def test_two_plans_at_once(kata, clock, rng):
    """Two plans with the same steps are made at once, each as if it were alone."""
    plan = some_plan(rng, some_count(rng))
    kitchens = [Kitchen(clock, rng, some_lengths_ns(rng, plan)) for _ in range(2)]
    calls = [kata.call("make", plan, kitchen.perform) for kitchen in kitchens]
    for call, kitchen in zip(calls, kitchens, strict=True):
        assert_made(kitchen, plan, await call)
        best_ns = max(ends_of(plan, kitchen.lengths_ns).values())
        check(
            not is_off(call.ended_ns - call.started_ns, best_ns),
            "With two plans under way at once, one of them took longer than it does alone.",
            Verdict.NOT_CONCURRENT,
        )


async def test_others_go_on(kata, clock, rng):
    """A plan that fails, and one that is cancelled, do not change how the others are made."""
    plan = some_plan(rng, some_count(rng))
    first = next(iter(plan))
    kitchens = {}
    for kind in rng.sample(("failing", "cancelled", "well", "well too"), 4):
        lengths_ns = some_lengths_ns(rng, plan)
        if kind == "failing":
            lengths_ns[first] = rng.randint(100_000, 150_000) * 1000
        kitchens[kind] = Kitchen(clock, rng, lengths_ns, failing=(first,) if kind == "failing" else ())
    calls = {kind: kata.call("make", plan, kitchen.perform) for kind, kitchen in kitchens.items()}
    await asyncio.sleep(rng.randint(10_000, 99_999) / 1e6)
    calls["cancelled"].cancel()
    await asyncio.wait([calls["cancelled"]])
    for kind in ("well", "well too"):
        assert_made(kitchens[kind], plan, await calls[kind])
        assert_each_at_its_time(plan, kitchens[kind])
    error = await error_of(calls["failing"])
    expected = ("ValueError", f"{first} went wrong ({kitchens['failing'].salt})")
    assert_equal([(type(each).__name__, str(each)) for each in leaves(error)], [expected], "The error")


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked."""
    plan = some_plan(rng, some_count(rng))
    async with kata.heartbeat():
        await make(kata, clock, rng, plan, some_lengths_ns(rng, plan))


# -- what can go wrong -----------------------------------------------------------------------------
async def test_failed_step(kata, clock, rng):
    """What needs a failed step is never performed, and its error comes out."""
    for _ in range(8):
        plan = some_plan(rng, some_count(rng))
        failed = rng.choice(list(plan))
        kitchen = Kitchen(clock, rng, some_lengths_ns(rng, plan), failing=(failed,))
        error = await error_of(kata.call("make", plan, kitchen.perform))
        expected = ("ValueError", f"{failed} went wrong ({kitchen.salt})")
        # A group may hold it once for each step that waited for it.
        found = {(type(each).__name__, str(each)) for each in leaves(error)}
        assert_equal(sorted(found), [expected], "The error")
        performed = sorted(needing(plan, [failed]).intersection(kitchen.begun) - {failed})
        check(
            not performed, f"{len(performed)} step(s) were performed although one that they need had failed."
        )
        await assert_kitchen_empty(kitchen)


async def test_cancelled_plan(kata, clock, rng):
    """When the making is cancelled, the steps under way are, and no other begins."""
    instants = ["before a step has ended", "at any time", "at any time"]
    if clock_is_exact():
        instants.append("in the last microsecond")
    for when in instants:
        plan = some_plan(rng, some_count(rng))
        lengths_ns = some_lengths_ns(rng, plan)
        ends_us = [end_ns // 1000 for end_ns in ends_of(plan, lengths_ns).values()]
        earliest_us = max(ends_us) - 1 if when == "in the last microsecond" else 1
        latest_us = (min if when == "before a step has ended" else max)(ends_us) - 1
        stop_us = clear_of(partial(rng.randint, earliest_us, latest_us), 0, max(ends_us))
        stop_ns = stop_us * 1000
        kitchen = Kitchen(clock, rng, lengths_ns)
        call = kata.call("make", plan, kitchen.perform)
        await asyncio.sleep(stop_ns / 1e9)
        call.cancel()
        await asyncio.wait([call])
        check(call.cancelled(), "The making was cancelled, but `make` did not pass the cancellation on.")
        took_ns = call.ended_ns - call.started_ns
        check(not is_off(took_ns, stop_ns), "The making was cancelled, and went on all the same.")
        await assert_kitchen_empty(kitchen)
        late = [step for step, begun_ns in kitchen.begun.items() if is_late(begun_ns, stop_ns)]
        check(not late, f"{len(late)} steps began after the making had been cancelled.")


async def error_of(call):
    """The error that a call raises; fails if it returns."""
    try:
        made = await call
    except Exception as error:
        if not hasattr(error, "guest_record"):
            raise
        return error
    check(False, f"A step failed, so `make` should raise its error; but it returned {made!r:.200}.")
    return None


def leaves(error):
    """The errors in a group, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for member in error.exceptions for leaf in leaves(member)]
    return [error]


async def assert_kitchen_empty(kitchen):
    """Nothing is under way, an instant after `make` has ended; and nothing begins later."""
    await an_instant()
    busy = [step for step in kitchen.begun if step not in kitchen.ended]
    text = f"`make` had ended, but {len(busy)} step(s) were still under way."
    check(not busy, text, Verdict.LEAKED, misconception="task_dropped" if busy else None)
    begun = len(kitchen.order)
    await asyncio.sleep(long_s(60))
    check(len(kitchen.order) == begun, "Steps began after `make` had ended.", Verdict.LEAKED)

"""Kata 06: as many steps at once as a plan allows.

Stage 1: each step at its time. Stage 2: any plan. Stage 3: a step that fails. No plan is cancelled
(kata 9), and no two steps of a plan fail.
"""

from itertools import permutations

from grader.judge.sweep_run import describe
from grader.testing import (
    Verdict,
    assert_equal,
    check,
    is_late,
    is_off,
    points,
    seconds,
    show_ns,
)
from grader.testing.faults import again, amount, fail, only, value
from grader.testing.sweep import stage, sweep

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
    ends = {}
    for step, needs in DEMO_PLAN.items():
        ends[step] = max((ends[need] for need in needs), default=0) + DEMO_MINUTES[step]
    return seconds(max(ends.values()))


PART = None | str | int | list[str] | Exception
"""What a step may give here."""
BREAKFAST = "a b c d:cab e:b f:ed"
"""A plan: each step with what it needs."""
ORDERS = [f"order-{''.join(order)}" for order in permutations("123")]
TIES = ["order-111", "order-112", "order-211", "order-121", "order-221"]
"""Which of the first three steps ends first, second, last; equal digits end at one instant."""
SHAPES = {
    "independent": "a b c d e",
    "one-chain": "a b:a c:b d:c",
    "two-chains": "a b c:a d:b e:c f:d",
    "crossed": "a b c:ba d:ab e:cd f:dc",
    "all-that-came-before": "a b:a c:ab d:abc e:dcba",
    "one-for-all": "a b:a c:a d:a e:dcb",
    "a-need-twice": "a b c:aba d:cc",
    "a-quick-chain-beside-a-slow-step": "A b c:b d:c e:d f:Ae",
    "a-slow-step-that-nobody-needs": "a B c:a d:c",
    "a-slow-need": "a B c d:aB e:ac f:e",
    "a-short-cut": "a b:a c:b d:c e:ad",
    "a-step-without-a-name": "a b c:ab d:ca",
}
"""A capital letter is a slow step."""


def needs_of(shape):
    return {step: needs for step, _, needs in (each.partition(":") for each in shape.split())}


class Kitchen:
    """One plan in the making: what its steps give, and what must be seen of them."""

    def __init__(self, run, shape, *, mark="", failing="", names=None, order="", longer_ms=0):
        self.run, self.mark, self.failing = run, mark, failing
        needs = shape if isinstance(shape, dict) else needs_of(shape)
        self.names = names or dict(zip(needs, run.names("step", len(needs)), strict=True))
        if run.variant == "a-step-without-a-name":
            self.names["a"] = ""
        self.plan = {self.names[step]: [self.names[need] for need in each] for step, each in needs.items()}
        self.products = {step: run.value() for step in self.plan}
        lengths_ms = [longer_ms + each for each in run.lengths_ms(len(needs))]
        if order:
            ranked = sorted(lengths_ms[:3])
            lengths_ms[:3] = [ranked[int(digit) - 1] for digit in order[:3]]
        self.lengths_ms = dict(zip(self.plan, lengths_ms, strict=True))
        self.lengths_ms |= {self.names[step]: 30_000 for step in needs if str(step).isupper()}
        self.error = OSError(f"it went wrong ({run.rng.randrange(10**6)})")

    async def perform(self, step: str, parts: list[PART]):
        check(step in self.plan, f"{step!r:.100} was to be performed, which is no step of the plan.")
        return await self.run.step(
            self.words(step),
            self.lengths_ms[step],
            self.products[step],
            (self, step, parts),
            raises=self.error if self.failing and step == self.names[self.failing] else None,
            stops="",
        )

    def words(self, step):
        return f"step {list(self.plan).index(step) + 1}{self.mark}"

    def make(self):
        return self.run.call("make", self.plan, self.perform)

    # -- what must be seen ------------------------------------------------------------------------
    async def assert_made(self, call):
        """Each step once, at its time, with its parts; then all that was made is returned, in order."""
        outcome = await self.run.outcome(call)
        self.run.assert_no_mistake(outcome)
        check(outcome.kind != "cancelled", "`make` ended as if it had been cancelled.")
        steps = {step.given[1]: step for step in self.run.steps if step.given[0] is self}
        seen = [step.participant for step in self.run.steps if step.given[0] is self]
        twice = sorted({words for words in seen if seen.count(words) > 1}) if len(seen) > len(steps) else []
        check(not twice, f"These steps were performed more than once: {', '.join(twice[:5])}.")
        left = [s.participant for s in steps.values() if s.ended_ns is None or s.ended_ns > outcome.at_ns]
        text = f"{left[0] if left else ''} was still under way when `make` had ended."
        check(not left, text, Verdict.LEAKED)
        for step in steps:
            self.assert_step(step, steps)
        failed = [name for name, step in steps.items() if step.end == "failed"]
        if failed:
            self.assert_failed(outcome)
        else:
            self.assert_returned(outcome, steps)
        last_ns = max((step.ended_ns for step in steps.values()), default=0)
        verdict = Verdict.NOT_CONCURRENT if is_late(outcome.at_ns, last_ns) else Verdict.WRONG_ANSWER
        text = f"`make` should end with its last step, at {show_ns(last_ns)}; it ended at"
        check(not is_off(outcome.at_ns, last_ns), f"{text} {show_ns(outcome.at_ns)}.", verdict)

    def assert_step(self, name, steps):
        """It began when the last of what it needs had ended, and was given what these gave."""
        step, needs = steps[name], self.plan[name]
        good = [need in steps and steps[need].end == "ended" for need in needs]
        text = (
            f"{step.participant} was performed before all that it needs had ended, or though it had failed."
        )
        check(all(good), text)
        due_ns = max((steps[need].ended_ns for need in needs), default=0)
        verdict = Verdict.NOT_CONCURRENT if is_late(step.began_ns, due_ns) else Verdict.WRONG_ANSWER
        text = f"{step.participant} should begin at {show_ns(due_ns)}, when all that it needs has ended; it"
        check(not is_off(step.began_ns, due_ns), f"{text} began at {show_ns(step.began_ns)}.", verdict)
        assert_equal(step.given[2], [self.products[need] for need in needs], f"The parts for {name!r}")

    def assert_returned(self, outcome, steps):
        if outcome.error is not None:
            raise outcome.error
        missing = len(self.plan) - len(steps)
        check(not missing, f"{missing} of {len(self.plan)} steps were never performed.")
        assert_equal(outcome.value, self.products, "What the steps gave")
        assert_equal(list(outcome.value), list(self.plan), "The order of what was returned")

    def assert_failed(self, outcome):
        """Its error comes out, bare or in a group, where it may stand several times."""
        due = describe(self.run.error or self.error)
        how = "returned" if outcome.error is None else f"raised {describe(outcome.error)}"
        seen = {describe(each) for each in leaves(outcome.error)}
        check(seen == {due}, f"A step failed, so `make` should raise {due}; but it {how}.")


def leaves(error):
    """The errors in a group, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for member in error.exceptions for leaf in leaves(member)]
    return [] if error is None else [error]


async def make(run, shape, **options):
    kitchen = Kitchen(run, shape, **options)
    async with run.kata.heartbeat():
        await kitchen.assert_made(kitchen.make())


# -- stage 1: each step at its time ----------------------------------------------------------------
@points(2)
@sweep(only(*ORDERS, *TIES))
async def test_takes_the_critical_path(run):
    """Each step begins when the last of those it needs has ended, whichever that is."""
    await make(run, BREAKFAST, order=run.variant.removeprefix("order-") or "123")


@points(2)
@sweep(only(*SHAPES))
async def test_no_step_waits_for_others(run):
    """No step waits for one that it does not need, whatever the shape of the plan."""
    await make(run, SHAPES[run.variant] if run.variant else BREAKFAST)


# -- stage 2: any plan -----------------------------------------------------------------------------
@stage(2)
@sweep(value("None", "0", "empty", "list", "error"))
async def test_every_step_gives_its_part(run):
    """Each step is given what those it needs have given, and all that was made is returned."""
    await make(run, "a b c:ba d:bc")


@stage(2)
@sweep(amount("0", "1", "300"), only("a-long-chain"))
async def test_plans_of_any_size(run):
    """Hundreds of steps are under way together, or one after the other; or there are none."""
    steps = range(200 if run.variant else run.amount(7))
    if run.variant:
        await make(run, {step: [step - 1] if step else [] for step in steps})
    else:
        await make(run, {step: steps[step - 1 :: -1] if step and step == steps[-1] else [] for step in steps})


@stage(2)
@sweep(again())
async def test_every_call_makes_its_plan(run):
    """Plans may be made at once, in turn, and in another event loop, each as if it were alone."""
    first = Kitchen(run, BREAKFAST, mark=" of the first plan")
    second = Kitchen(
        run, BREAKFAST, mark=" of the second plan", names=first.names, order="312", longer_ms=3000
    )
    async with run.kata.heartbeat():
        calls = [(kitchen, kitchen.make()) for kitchen in (first, second)]
        for kitchen, call in calls:
            await kitchen.assert_made(call)


# -- stage 3: a step that fails --------------------------------------------------------------------
@stage(3)
@points(2)
@sweep(fail("OSError", "LookupError", "TimeoutError", "Stranger", "at-once"))
async def test_failed_step(run):
    """What needs a failed step is never performed, its error comes out, and nothing goes on."""
    await make(run, "a b c:ab d:a e:cd")


@stage(3)
@sweep(only(*ORDERS, *TIES))
async def test_failed_step_among_others(run):
    """So it is whenever the others end, at that very instant too, and though they take a while to stop."""
    await make(
        run,
        "a b c d:ab e:cb f:c g:def h:afcb",
        failing="b",
        order=run.variant.removeprefix("order-") or "123",
    )


@stage(3)
@sweep(only("the-first-step-fails"))
async def test_another_plan_goes_on(run):
    """A plan that fails does nothing to another with the same steps."""
    failing = "a" if run.variant else "d"
    first = Kitchen(run, BREAKFAST, mark=" of the first plan", failing=failing)
    second = Kitchen(
        run, BREAKFAST, mark=" of the second plan", names=first.names, order="312", longer_ms=3000
    )
    async with run.kata.heartbeat():
        calls = [(kitchen, kitchen.make()) for kitchen in (first, second)]
        for kitchen, call in reversed(calls):
            await kitchen.assert_made(call)

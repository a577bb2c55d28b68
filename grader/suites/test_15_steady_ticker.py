"""Kata 15: ticks at their instants, whatever the work takes, and an end at once.

Stage 1: the beat. Stage 2: slow work. Stage 3: stopped. Stage 4: errors and cancellation.
"""

import asyncio
from itertools import pairwise

from grader.testing import (
    Verdict,
    allowing,
    assert_at,
    assert_equal,
    blocking,
    check,
    is_late,
    is_off,
    leave_out_unless_exact,
    milliseconds,
    points,
    seconds,
    show_ns,
)
from grader.testing.faults import MIDWAY, act, again, amount, cancel, caught, fail, only, slow, timeout
from grader.testing.sweep import stage, sweep

ALLOWED_NS = 999
"""What the statement allows; `time.time()` cannot tell more: its floats are 238 ns apart."""
QUICK = (0.3, 0.8, 0.1)
SLOW = (0.3, 2.4, 0.3, 1.3, 0.1)
"""How long the work of the first ticks takes, in periods; no work ends when a tick is due."""
LATER = 0.2
"""How long the work of all further ticks takes."""


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(5.5)


class Buoy:
    """A ticker and its work: what must be seen of them. `mark` tells several apart."""

    def __init__(self, run, parts, until, *, catch_up=False, mark=""):
        """`parts` are the lengths of the work in periods; it is stopped after `until` periods."""
        self.run, self.parts, self.catch_up, self.mark = run, parts, catch_up, mark
        self.period_ms = 10 * run.length_ms(40, 90)
        self.until_ns = milliseconds(until * self.period_ms)
        self.missed_at, self.stops, self.has_started = [], [], False
        options = {"catch_up": True} if catch_up else {}
        self.ticker = run.kata.new("Ticker", self.period_ms / 1000, self.work, self.missed, **options)

    def length_ms(self, number):
        return self.period_ms * (self.parts[number] if number < len(self.parts) else LATER)

    async def work(self, number: int):
        check(number >= 0, f"There is no tick {number}.")
        label = f"work {number}{self.mark}"
        is_slow = "slow" in self.run.variant
        await self.run.step(label, self.length_ms(number), None, number, stops="" if is_slow else None)

    def missed(self, number: int):
        self.missed_at.append((number, self.run.since_ns))

    def start(self):
        """Let it run, and be stopped in the end."""
        self.has_started = True
        self.run.act = self.stop
        self.call = self.run.call_method(self.ticker, "run")
        asyncio.get_running_loop().call_later(self.until_ns / 1e9, self.stop)
        return self.call

    def stop(self):
        self.stops.append(self.ticker.stop().start())

    @property
    def steps(self):
        return [step for step in self.run.steps if step.participant == f"work {step.given}{self.mark}"]

    def found_end_ns(self):
        """When it was stopped or cancelled first, or when its work failed."""
        failed = [s.ended_ns for s in self.steps if s.end == "failed" and s.cancelled_ns is None]
        whens = [self.until_ns, self.run.acted_ns, self.run.stopped_ns, *failed]
        return min(when for when in whens if when is not None)

    def expected(self):
        """What is due until the end: ([(number, begins, ends)], [(number, missed at)]), in ns."""
        ticks, missed = [], []
        has_failed = any(step.end == "failed" and step.ended_ns == self.end_ns for step in self.steps)
        number, free_ns, period_ns = 0, 0, milliseconds(self.period_ms)
        while True:
            due_ns = number * period_ns
            begins_ns = max(due_ns, free_ns) if self.catch_up else due_ns
            if is_late(begins_ns, self.end_ns):
                return ticks, missed
            free_ns = begins_ns + milliseconds(self.length_ms(number))
            ticks.append((number, begins_ns, free_ns))
            number += 1
            while not self.catch_up and number * period_ns < free_ns:
                if is_late(self.end_ns, free_ns) or (not has_failed and not is_late(free_ns, self.end_ns)):
                    missed.append((number, free_ns))
                number += 1

    def assert_was(self, outcome):
        """Each tick at its instant, the missed ones told, and an end at once; returns the counts possible."""
        for stop in self.stops:
            if stop.done():
                stop.result()
        if not self.run.has("fail"):
            self.run.assert_no_mistake(outcome)
        self.end_ns = self.found_end_ns()
        ticks, missed = self.expected()
        self.assert_ticks(ticks)
        told = [at_ns for _, at_ns in missed if not self.is_end(at_ns)]
        assert_equal(
            [number for number, _ in self.missed_at],
            self.as_many(missed, told, self.missed_at),
            "The ticks missed",
        )
        for (number, seen_ns), (_, due_ns) in zip(self.missed_at, missed, strict=False):
            self.assert_on_time(f"Tick {number} was told as missed", seen_ns, due_ns)
        self.run.assert_all_stopped(self.end_ns, outcome.at_ns, steps=self.steps)
        done = [ends_ns for _, _, ends_ns in ticks if not is_late(ends_ns, self.end_ns)]
        return range(sum(not self.is_end(ends_ns) for ends_ns in done), len(done) + 1)

    def is_end(self, at_ns):
        """What happens at the instant of the end may still happen, or not."""
        return not is_off(at_ns, self.end_ns)

    def as_many(self, due, sure, seen):
        """The numbers that are due: those that are sure, and of the rest as many as were seen."""
        count = max(len(sure), min(len(seen), len(due)))
        return [number for number, *_ in due[:count]]

    def assert_ticks(self, ticks):
        steps = self.steps
        for one, next_one in pairwise(steps):
            together = one.ended_ns is None or one.ended_ns > next_one.began_ns
            check(
                not together, f"{one.participant} and {next_one.participant} were under way at the same time."
            )
        for step, (number, begins_ns, _) in zip(steps, ticks, strict=False):
            assert_equal(step.given, number, "The number of the tick")
            self.assert_on_time(step.participant.capitalize() + " began", step.began_ns, begins_ns)
        sure = [one for one in ticks if not self.is_end(one[1])]
        assert_equal(
            [step.given for step in steps][-5:], self.as_many(ticks, sure, steps)[-5:], "The last ticks"
        )
        assert_equal(len(steps), len(self.as_many(ticks, sure, steps)), "How many ticks began")

    def assert_on_time(self, what, seen_ns, due_ns):
        verdict = Verdict.NOT_CONCURRENT if is_late(seen_ns, due_ns) else Verdict.WRONG_ANSWER
        text = f"{what} at {show_ns(seen_ns)}, but {show_ns(due_ns)} after the beginning was its instant."
        check(not is_off(seen_ns, due_ns), text, verdict)


async def ticking(run, parts, until, **options):
    """A ticker runs until it is stopped, or something else ends it."""
    leave_out_unless_exact("it needs exact instants")
    buoy = Buoy(run, parts, until, **options)
    await asyncio.sleep(run.rng.uniform(0.1, 5))
    call = buoy.start()
    with allowing(ALLOWED_NS):
        outcome = await run.outcome(call)
        counts = buoy.assert_was(outcome)
        if run.has("cancel"):
            run.assert_cancelled(outcome)
        elif run.error is not None and run.has("fail"):
            run.assert_raised(outcome, run.error)
        else:
            due = outcome.value if type(outcome.value) is int and outcome.value in counts else counts[-1]
            await run.returns(call, due, what="What `run` returns")


# -- the beat --------------------------------------------------------------------------------------
@points(2)
@sweep(amount("1100"))
async def test_no_drift(run):
    """Each tick begins at its instant, counted from the beginning of `run`, also after a thousand."""
    count = run.amount(4)
    parts = [run.lengths.randint(1, 99) / 100 for _ in range(count)]
    await ticking(run, parts, count - 0.001)


@sweep(again(), amount("20"))
async def test_several_tickers(run):
    """Several tickers do not disturb each other; one is stopped, the others go on."""
    buoys = [Buoy(run, QUICK, 2.5 + number, mark=f" of buoy {number}") for number in range(run.amount(2))]
    calls = [buoy.start() for buoy in buoys]
    with allowing(ALLOWED_NS):
        for buoy, call in zip(buoys, calls, strict=True):
            outcome = await run.outcome(call)
            counts = buoy.assert_was(outcome)
            assert_equal(outcome.value, counts[-1], "What `run` returns")


# -- slow work -------------------------------------------------------------------------------------
@stage(2)
@points(2)
@sweep(only("long", "many"))
async def test_slow_work_skips(run):
    """Ticks that fall due during slow work are skipped and told."""
    parts = {"long": (0.1, 12.6, 0.1), "many": (1.7, 0.1, 2.2, 1.1, 3.9)}.get(run.variant, SLOW)
    await ticking(run, parts, 25.5)


@stage(2)
@points(2)
@sweep(only("long", "many"))
async def test_slow_work_catches_up(run):
    """With `catch_up`, what was missed is made up for without a pause, and the beat is found again."""
    parts = {"long": (0.1, 12.6, 0.1), "many": (1.7, 0.1, 2.2, 1.1, 3.9)}.get(run.variant, SLOW)
    await ticking(run, parts, 25.5, catch_up=True)


@stage(2)
@sweep(only("catch-up"))
async def test_a_late_wake_up(run):
    """When the loop is held up, a tick begins late, and may last into the next one; the beat goes on."""
    buoy = Buoy(run, (0.1,) * 6 + (0.5,), 9.5, catch_up=run.variant == "catch-up")
    period_ns = milliseconds(buoy.period_ms)
    begins_ns = [number * period_ns for number in range(10)]
    begins_ns[3] = await hold_up(run, buoy, 2.99, 0.03)
    begins_ns[6] = await hold_up(run, buoy, 5.99, 0.71)
    free_ns = begins_ns[6] + period_ns // 2
    begins_ns[7:8] = [free_ns] if buoy.catch_up else []
    outcome = await run.outcome(buoy.call)
    with allowing(ALLOWED_NS):
        run.assert_no_mistake(outcome)
        assert_at([step.began_ns for step in buoy.steps], begins_ns, "The ticks")
        assert_equal(
            [number for number, _ in buoy.missed_at], [] if buoy.catch_up else [7], "The ticks missed"
        )
        assert_at(
            [at_ns for _, at_ns in buoy.missed_at], [] if buoy.catch_up else [free_ns], "What was missed"
        )
        assert_equal(outcome.value, len(begins_ns), "What `run` returns")


async def hold_up(run, buoy, at, length):
    """Hold up the loop from that instant on for so long (in periods); gives the instant of its end (ns).

    No line of the learner's does it, so that none is blamed: a list that lives in the guest is
    sorted, and it is its key that takes so long.
    """
    leave_out_unless_exact("it needs the loop held up just before a tick")

    @blocking
    async def somebody_else(item):
        await asyncio.sleep(length * buoy.period_ms / 1000)
        raise LookupError("once is enough")

    if not buoy.has_started:
        buoy.start()
    items = run.kata.keep("__dir__", (), {}, target=buoy.ticker)
    await asyncio.sleep((at * buoy.period_ms * 1e6 - run.since_ns) / 1e9)
    call = items.sort(key=somebody_else).start()
    await asyncio.wait([call])
    return run.since_ns


# -- stopped ---------------------------------------------------------------------------------------
@stage(3)
@points(2)
@sweep(act("", "turn", MIDWAY))
async def test_stopped(run):
    """Stopped at any instant, it ends then; work that is under way is cancelled, and does not count."""
    await ticking(run, SLOW, 6.6)


@stage(3)
@sweep(act("", MIDWAY))
async def test_stopped_while_it_catches_up(run):
    """Stopped while it catches up, it ends at once, too."""
    await ticking(run, SLOW, 4.9, catch_up=True)


@stage(3)
@sweep(only("slow", "slow-and-stopped-again", "slow-and-cancelled", "again", "afterwards"))
async def test_stopped_and_slow(run):
    """It waits for work that takes a while to stop. To stop it again changes nothing."""
    buoy = Buoy(run, (0.3, 3.6), 2.2)
    call = buoy.start()
    later = asyncio.get_running_loop().call_later
    if "again" in run.variant:
        later(buoy.until_ns / 1e9, buoy.stop)
        later(buoy.until_ns / 1e9 + 0.1, buoy.stop)
    elif "cancelled" in run.variant:
        later(buoy.until_ns / 1e9 + 0.1, call.cancel)
    with allowing(ALLOWED_NS):
        outcome = await run.outcome(call)
        buoy.assert_was(outcome)
        if "cancelled" in run.variant:
            check(outcome.kind == "cancelled", "It was cancelled, but that did not come out of it.")
        else:
            assert_equal(outcome.value, 1, "What `run` returns")
    await buoy.ticker.stop()


# -- errors and cancellation -----------------------------------------------------------------------
@stage(4)
@points(2)
@sweep(fail("OSError", "TimeoutError", "StopAsyncIteration", "Stranger", "BaseException", "at-once"))
async def test_errors(run):
    """An error of the work ends it at once, whatever was missed, and comes out as it is."""
    await ticking(run, SLOW[:2], 4.6)


@stage(4)
@sweep(fail("OSError", "TimeoutError"))
async def test_errors_while_it_catches_up(run):
    """The same is true while it catches up."""
    await ticking(run, SLOW, 4.9, catch_up=True)


@stage(4)
@points(2)
@sweep(cancel())
async def test_cancelled(run):
    """Cancelled at any instant, it ends then, and the cancellation comes out."""
    await ticking(run, SLOW[:2], 4.6)


@stage(4)
@sweep(cancel("", MIDWAY))
async def test_cancelled_while_it_catches_up(run):
    """The same is true while it catches up."""
    await ticking(run, SLOW[:2], 4.6, catch_up=True)


@stage(4)
@sweep(slow("", "fails"), timeout(), caught())
async def test_cancelled_and_slow(run):
    """It waits for work that takes a while to stop, and leaves the caller's count of cancellations alone."""
    await ticking(run, SLOW[:2], 4.6)

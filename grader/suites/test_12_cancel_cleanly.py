"""Kata 12: a worker that can be cancelled at any instant, and as often as one likes."""

import asyncio
from functools import partial
from typing import NamedTuple

from grader.testing import (
    Failure,
    Verdict,
    assert_equal,
    check,
    clear_of,
    explore,
    is_off,
    leave_out_unless_exact,
    long_s,
    points,
    seconds,
    show_ns,
)

STARS = ("altair", "capella", "deneb", "mizar", "rigel", "sirius", "vega")
ERRORS = (LookupError, OSError, RuntimeError, ValueError)


async def demo(net, rng):
    """The stub brings its own observatory; returns the best possible time in nanoseconds."""
    until_ctrl_c, saving, parking = 4.5, 1, 2
    return seconds(until_ctrl_c + saving + parking)


class Step(NamedTuple):
    """One step of a night: what it was, what it was given, when it began and ended, and how."""

    name: str
    given: object
    began_ns: int
    ended_ns: int | None = None
    end: str = "is still under way"


PICTURE = None | str | int
"""What an exposure may give."""
DONE, CANCELLED, FAILED = "ended", "was cancelled", "failed"


def some_count(rng):
    """How many targets a night has."""
    return rng.randint(5, 8)


class Night:
    """One telescope's night on the judge's side: how long each step takes, and what became of it."""

    def __init__(self, clock, rng, count, *, failing=None, error=OSError):
        self.clock, self.rng = clock, rng
        self.targets = [f"{rng.choice(STARS)} {number}" for number in rng.sample(range(10**6), count)]
        self.pictures = [f"{target}, plate {rng.randrange(10**6)}" for target in self.targets]
        self.exposures_us = [rng.randint(100_000, 2_000_000) for _ in self.targets]
        self.save_us, self.park_us = (rng.randint(300_000, 1_500_000) for _ in range(2))
        self.failing = failing
        """`save`, or the number of the exposure that fails."""
        self.error = error(f"no luck tonight ({rng.randrange(10**6)})")
        self.opened_ns = clock.now_ns
        self.steps = []
        self.at_end = {}
        """What to do at the very end of the step of that name, before anybody hears of it."""

    # -- what the learner's code is given ----------------------------------------------------------
    async def step(self, name, given, length_us, fails=False):
        number = len(self.steps)
        step = Step(name, given, self.now_ns())
        self.steps.append(step)
        end = CANCELLED
        try:
            await asyncio.sleep(length_us / 1e6)
            end = FAILED if fails else DONE
        finally:
            self.steps[number] = step._replace(ended_ns=self.now_ns(), end=end)
        if name in self.at_end:
            self.at_end[name]()
        if fails:
            raise self.error

    async def expose(self, target: str):
        number = self.targets.index(target) if target in self.targets else 0
        await self.step("expose", target, self.exposures_us[number], self.failing == number)
        return self.pictures[number]

    async def save(self, pictures: list[PICTURE]):
        await self.step("save", pictures, self.save_us, self.failing == "save")

    async def park(self):
        await self.step("park", None, self.park_us)

    # -- what should become of it ------------------------------------------------------------------
    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    def starts_us(self, number):
        """When that exposure begins; for their count, when the last one has ended."""
        return sum(self.exposures_us[:number])

    def during(self, number):
        """Some instant, in microseconds, in the middle of that exposure."""
        begins_us, ends_us = self.starts_us(number), self.starts_us(number + 1)
        return clear_of(partial(self.rng.randint, begins_us + 1, ends_us - 1), begins_us, ends_us)

    def during_clean_up(self, over_us, is_saving, count=1):
        """Instants in the middle of `save` or `park`, of a night whose exposures are over at that one."""
        length_us = self.save_us if is_saving else self.park_us
        begins_us = over_us + (0 if is_saving else self.save_us)
        instant_us = partial(self.rng.randint, begins_us + 1, begins_us + length_us - 1)
        return sorted(clear_of(instant_us, begins_us, begins_us + length_us) for _ in range(count))

    def expected(self, over_us=None, end=DONE):
        """All steps of a night whose exposures are over at that instant, with the last one ending so."""
        over_us = self.starts_us(len(self.targets)) if over_us is None else over_us
        steps, taken = [], []
        for number, target in enumerate(self.targets):
            begins_us, ends_us = self.starts_us(number), self.starts_us(number + 1)
            if begins_us < over_us:
                is_last = end != DONE and ends_us >= over_us
                how = end if is_last else DONE
                steps.append(Step("expose", target, begins_us * 1000, min(ends_us, over_us) * 1000, how))
                taken += [] if is_last else [self.pictures[number]]
        saved_us = over_us + self.save_us
        save_end = FAILED if self.failing == "save" else DONE
        steps.append(Step("save", taken, over_us * 1000, saved_us * 1000, save_end))
        steps.append(Step("park", None, saved_us * 1000, (saved_us + self.park_us) * 1000, DONE))
        return steps

    def assert_was(self, expected, took_ns):
        """Exactly these steps were taken, at these instants, with these ends; and nothing goes on."""
        for number, (seen, due) in enumerate(zip(self.steps, expected, strict=False)):
            name = f"{due.name} (step {number + 1})"
            check(seen.name == due.name, f"Step {number + 1} should be {due.name}, but it was {seen.name}.")
            assert_equal(seen.given, due.given, f"What {name} is given")
            self.assert_began(name, seen.began_ns, due.began_ns)
            if seen.end != due.end:
                verdict = Verdict.LEAKED if seen.ended_ns is None else Verdict.WRONG_ANSWER
                check(False, f"{name} {seen.end}; it should be that it {due.end}.", verdict)
            text = f"{name} should end at {show_ns(due.ended_ns)}, but ended at {show_ns(seen.ended_ns)}."
            check(not is_off(seen.ended_ns, due.ended_ns), text)
        missing = [step.name for step in expected[len(self.steps) :]]
        check(not missing, f"These steps were never taken: {', '.join(missing)}.")
        more = [step.name for step in self.steps[len(expected) :]]
        check(not more, f"These steps were taken, and should not have been: {', '.join(more)}.")
        over_ns = expected[-1].ended_ns
        text = f"`observe` should end with its last step at {show_ns(over_ns)}, not at {show_ns(took_ns)}."
        check(not is_off(took_ns, over_ns), text)

    def assert_began(self, name, seen_ns, due_ns):
        text = f"{name} should begin at {show_ns(due_ns)}, but began at {show_ns(seen_ns)}."
        check(not is_off(seen_ns, due_ns), text)

    # -- running it --------------------------------------------------------------------------------
    def call(self, kata):
        self.opened_ns = self.clock.now_ns
        return kata.call("observe", self.targets, self.expose, self.save, self.park)

    async def run(self, kata):
        """A night that nobody ends early."""
        call = self.call(kata)
        pictures = await call
        self.assert_was(self.expected(), call.ended_ns - call.started_ns)
        assert_equal(pictures, self.pictures, "The pictures")

    async def run_stopped(self, kata, *stops_us, expected=None):
        """A night that is cancelled at these instants; see that it then ends as a cancelled one."""
        call = self.call(kata)
        await self.stop(call, *stops_us)
        await self.assert_stopped(call, stops_us[0], expected)

    async def stop(self, call, *stops_us):
        for stop_us in stops_us:
            await asyncio.sleep((stop_us * 1000 - self.now_ns()) / 1e9)
            call.cancel()

    async def assert_stopped(self, call, stop_us, expected=None):
        await ended(call)
        over_us = self.starts_us(len(self.targets))
        if expected is None:
            expected = self.expected(stop_us, CANCELLED) if stop_us < over_us else self.expected()
        self.assert_was(expected, call.ended_ns - call.started_ns)
        check(call.cancelled(), "It was cancelled, but `observe` did not pass the cancellation on.")
        await self.assert_over()

    async def run_failing(self, kata, expected):
        """A night with a failure: its error comes out, after these steps."""
        call = self.call(kata)
        await ended(call)
        self.assert_was(expected, call.ended_ns - call.started_ns)
        error = None if call.cancelled() else call.exception()
        text = f"`observe` should raise {self.error!r}, but it raised {error!r:.200}."
        check(type(error) is type(self.error) and str(error) == str(self.error), text)
        await self.assert_over()

    async def assert_over(self):
        """No further step is taken later."""
        count = len(self.steps)
        await asyncio.sleep(long_s(60))
        check(len(self.steps) == count, "Steps were taken after `observe` had ended.", Verdict.LEAKED)


async def ended(call):
    """Wait for the end of a call, whatever it is. Raises Failure if no night came of it at all."""
    await asyncio.wait([call])
    error = None if call.cancelled() else call.exception()
    if isinstance(error, Failure):
        raise error


# -- nights that nobody ends early -----------------------------------------------------------------
async def test_a_whole_night(kata, clock, rng):
    """Every target is photographed in turn, then the pictures are saved and the telescope is parked."""
    for count in (some_count(rng), 1, 0):
        await Night(clock, rng, count).run(kata)
    night = Night(clock, rng, some_count(rng))
    for number, nothing in zip(rng.sample(range(len(night.targets)), 3), ("", 0, None), strict=True):
        night.pictures[number] = nothing
    await night.run(kata)


async def test_an_exposure_fails(kata, clock, rng):
    """If an exposure fails, the clean-up is done, and then the error comes out."""
    for number, error in zip((0, rng.randint(1, 3), 4), rng.sample(ERRORS, 3), strict=True):
        night = Night(clock, rng, some_count(rng), failing=number, error=error)
        await night.run_failing(kata, night.expected(night.starts_us(number + 1), FAILED))


async def test_saving_fails(kata, clock, rng):
    """If the saving fails, the telescope is parked all the same, and then the error comes out."""
    for error in rng.sample(ERRORS, 2):
        night = Night(clock, rng, some_count(rng), failing="save", error=error)
        await night.run_failing(kata, night.expected())


# -- nights that are cancelled ---------------------------------------------------------------------
@points(2)
async def test_cancelled_exposure(kata, clock, rng):
    """A cancellation ends the exposure at once, the clean-up is done, and the cancellation goes on."""
    for number in (rng.randint(1, 3), 0, 4):
        night = Night(clock, rng, some_count(rng))
        stop_us = night.during(number)
        night.exposures_us[number] += 3_000_000  # Left alone, it outlasts the clean-up.
        await night.run_stopped(kata, stop_us)


async def test_cancelled_clean_up(kata, clock, rng):
    """Cancellations during the clean-up after a good night do not disturb it, and go on after it."""
    some = some_count(rng)
    for count, is_saving, times in ((some, True, 20), (some, False, 2), (0, True, 1), (0, False, 1)):
        night = Night(clock, rng, count)
        stops_us = night.during_clean_up(night.starts_us(count), is_saving, times)
        await night.run_stopped(kata, *stops_us)


async def test_cancelled_after_a_failure(kata, clock, rng):
    """After an exposure that failed, too, cancellations wait for the clean-up, and go on after it."""
    for is_saving, times in ((True, 3), (False, 1)):
        night = Night(clock, rng, some_count(rng), failing=rng.randrange(3))
        over_us = night.starts_us(night.failing + 1)
        stops_us = night.during_clean_up(over_us, is_saving, times)
        await night.run_stopped(kata, *stops_us, expected=night.expected(over_us, FAILED))


async def test_cancelled_at_the_last_instant(kata, clock, rng):
    """A cancellation at the very instant at which a step of the clean-up ends goes on to the caller, too."""
    leave_out_unless_exact("it needs a cancellation at the very instant of something else")
    for name in ("save", "park"):
        for is_after in (True, False):
            night = Night(clock, rng, some_count(rng))
            call = night.call(kata)
            soon = asyncio.get_running_loop().call_soon
            night.at_end[name] = partial(soon, call.cancel) if is_after else call.cancel
            await night.assert_stopped(call, night.starts_us(len(night.targets)))


@points(2)
@explore(seeds=50)
async def test_cancelled_again(kata, clock, rng):
    """Further cancellations, however many and whenever they come, do not disturb the clean-up."""
    night = Night(clock, rng, rng.randint(1, 8))
    stop_us = night.during(rng.randrange(len(night.targets)))
    saved_us = stop_us + night.save_us
    while_saving = [rng.randint(stop_us + 1, saved_us - 1) for _ in range(rng.randint(0, 3))]
    parked_us = saved_us + night.park_us
    parking_us = partial(rng.randint, saved_us + 1, parked_us - 1)
    while_parking = [clear_of(parking_us, parked_us) for _ in range(rng.randint(0, 3))]
    await night.run_stopped(kata, stop_us, *sorted(while_saving + while_parking))


async def test_cancelled_three_times(kata, clock, rng):
    """Three cancellations, at almost or exactly the same instant."""
    for distance_us in (0, 1, 1000):
        night = Night(clock, rng, some_count(rng))
        stop_us = night.during(rng.randrange(3))
        await night.run_stopped(kata, *(stop_us + number * distance_us for number in range(3)))


async def test_cancelled_again_at_once(kata, clock, rng):
    """A second cancellation may come when the clean-up has hardly begun."""
    for turns in (1, 2, 3, 5):
        night = Night(clock, rng, some_count(rng))
        stop_us = night.during(1)
        call = night.call(kata)
        await night.stop(call, stop_us)
        for _ in range(turns):
            await asyncio.sleep(0)
        call.cancel()
        await night.assert_stopped(call, stop_us)


async def test_several_telescopes(kata, clock, rng):
    """Stopping one telescope does not disturb the others, whose nights end while it is being parked."""
    nights = [Night(clock, rng, some_count(rng)) for _ in range(4)]
    nights[1].park_us = round(long_s(100, real_s=20) * 1e6)
    calls = [night.call(kata) for night in nights]
    stop_us = nights[1].during(2)
    await nights[1].stop(calls[1], stop_us, stop_us + nights[1].save_us + 1)
    results = await asyncio.gather(*calls, return_exceptions=True)
    for number, (night, call, pictures) in enumerate(zip(nights, calls, results, strict=True)):
        if number != 1:
            night.assert_was(night.expected(), call.ended_ns - call.started_ns)
            assert_equal(pictures, night.pictures, "The pictures of a telescope that nobody stopped")
    await nights[1].assert_stopped(calls[1], stop_us)


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked, not even by the clean-up."""
    night = Night(clock, rng, some_count(rng))
    async with kata.heartbeat():
        await night.run_stopped(kata, night.during(1))

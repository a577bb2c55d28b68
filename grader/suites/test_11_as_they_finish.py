"""Kata 11: every result handed on at the instant at which it comes.

Stage 1: as they finish. Stage 2: the race is called off. Stage 3: cancelled. Boats that come in though they
have been called back are not swept, nor is a second cancellation, which kata 12 teaches.
"""

import asyncio

from grader.testing import (
    Verdict,
    assert_equal,
    check,
    is_late,
    is_off,
    points,
    same,
    seconds,
    show_ns,
)
from grader.testing.faults import again, amount, cancel, fail, only, slow, value
from grader.testing.sweep import stage, sweep

DEMO_MINUTES = (7, 4, 9, 5)
PLAIN = None | bool | str | int | list[str] | Exception
"""What a boat or its crew's words may be here."""


async def demo(net, rng):
    """The stub brings its own regatta; returns the best possible time in nanoseconds."""
    return seconds(max(DEMO_MINUTES))


class Race:
    """Boats, how long each sails, and what the judge saw of their race. `mark` tells several apart."""

    def __init__(self, run, boats, lengths_ms, *, failing=None, unheard=None, mark=""):
        """`failing` is the boat that capsizes, `unheard` the place whose announcement fails."""
        self.run, self.boats, self.lengths_ms = run, list(boats), lengths_ms
        self.words = [run.value() for _ in boats]
        if run.has("value"):
            self.boats[1] = self.words[1]
        self.failing, self.unheard, self.error = failing, unheard, None
        self.unheard_ns = self.cancelled_ns = None
        self.labels = [f"boat {number + 1}{mark}" for number in range(len(boats))]
        self.ashore = list(range(len(boats)))
        self.announced = []
        """What was announced: (when, place, boat, words)."""

    def start(self):
        self.call = self.run.call("run_race", self.boats, self.sail, self.announce)
        return self.call

    def cancel(self):
        """Cancel this race of several."""
        self.cancelled_ns = self.run.since_ns
        self.call.cancel()

    async def sail(self, boat: PLAIN):
        number = next((each for each in self.ashore if same(boat, self.boats[each])), None)
        check(number is not None, f"`sail` was called once too often, for {boat!r:.60}.")
        self.ashore.remove(number)
        is_victim = number == self.failing
        raises = self.new_error() if is_victim else None
        is_slow = self.run.variant == "slow" and not is_victim
        label, takes_ms, words = self.labels[number], self.lengths_ms[number], self.words[number]
        return await self.run.step(label, takes_ms, words, boat, raises=raises, is_slow=is_slow)

    def announce(self, place: int, boat: PLAIN, words: PLAIN):
        self.announced.append((self.run.since_ns, place, boat, words))
        if len(self.announced) == self.unheard:
            self.unheard_ns = self.run.since_ns
            raise self.new_error()

    def new_error(self):
        self.error = OSError(f"a squall ({self.run.rng.randrange(10**6)})")
        return self.error

    @property
    def steps(self):
        return [step for step in self.run.steps if step.participant in self.labels]

    @property
    def called_off_ns(self):
        """When the race was called off, for whatever reason; None if it never was."""
        failed = [s.ended_ns for s in self.steps if s.end == "failed" and s.cancelled_ns is None]
        whens = [*failed, self.unheard_ns, self.cancelled_ns, self.run.stopped_ns]
        return min((when for when in whens if when is not None), default=None)

    def assert_was(self, outcome):
        """All set sail at once, each was announced at its finish; then, or when called off, it was over."""
        if self.error is None:
            self.run.assert_no_mistake(outcome)
        off_ns = self.called_off_ns
        late_ns = max((step.began_ns for step in self.steps), default=0)
        text = f"A boat set sail {show_ns(late_ns)} after the race had begun."
        check(not is_off(late_ns, 0), text, Verdict.NOT_CONCURRENT)
        text = f"{len(self.steps)} boats set sail, but there are {len(self.boats)}."
        check(len(self.steps) == len(self.boats) or off_ns == 0, text)
        self.assert_announced(off_ns)
        last_ns = max((step.ended_ns or 0 for step in self.steps), default=0)
        if off_ns is not None:
            self.run.assert_all_stopped(off_ns, outcome.at_ns, steps=self.steps)
        else:
            text = f"The last boat came in at {show_ns(last_ns)}, but it ended at {show_ns(outcome.at_ns)}."
            verdict = Verdict.NOT_CONCURRENT if is_late(outcome.at_ns, last_ns) else Verdict.WRONG_ANSWER
            check(not is_off(outcome.at_ns, last_ns), text, verdict)

    def assert_announced(self, off_ns):
        """Who had come in before the race was called off was announced; at that very instant it may be so."""
        finishes = [(s.ended_ns, s.participant, s.given) for s in self.steps if s.end == "ended"]
        due = [one for one in sorted(finishes, key=lambda one: one[0]) if off_ns is None or one[0] <= off_ns]
        for at_ns, _, boat, words in self.announced:
            match = next((one for one in due if self.fits(one, boat, words)), None)
            text = f"{boat!r:.60} was announced with {words!r:.60}, but no boat that came in is to be"
            check(match is not None, f"{text} announced so.")
            due.remove(match)
            verdict = Verdict.NOT_CONCURRENT if is_late(at_ns, match[0]) else Verdict.WRONG_ANSWER
            text = f"{match[1]} came in at {show_ns(match[0])}, but was announced at {show_ns(at_ns)}."
            check(not is_off(at_ns, match[0]), text, verdict)
        left = [label for at_ns, label, _ in due if off_ns is None or at_ns < off_ns]
        check(not left, f"{', '.join(left[:5])} came in, but no announcement was made of that.")
        places = [place for _, place, _, _ in self.announced]
        assert_equal(places, list(range(1, len(places) + 1)), "The places, as announced,")

    def fits(self, finish, boat, words):
        _, label, given = finish
        return same(boat, given) and same(words, self.words[self.labels.index(label)])

    @property
    def order(self):
        return [boat for _, _, boat, _ in self.announced]


async def one_race(run, count=4, lengths_ms=None, **options):
    boats = run.names("boat", run.amount(count))
    lengths_ms = run.lengths_ms(len(boats)) if lengths_ms is None else lengths_ms
    race = Race(run, boats, lengths_ms, **options)
    if run.variant == "the-same-words":
        race.words = ["what a wind"] * len(boats)
    call = race.start()
    outcome = await run.outcome(call)
    race.assert_was(outcome)
    if race.error is None and not run.has("fail"):
        await run.returns(call, race.order, what="The boats by place")
    else:
        await run.raises(call, run.error or race.error, grouped=None)


# -- as they finish --------------------------------------------------------------------------------
@points(3)
@sweep(amount("0", "1", "2", "300"))
async def test_announced_at_the_finish(run):
    """Each boat is announced at the instant at which it finishes, and the order is returned."""
    await one_race(run)


@sweep(only("all", "the-last", "many"))
async def test_dead_heats(run):
    """Boats that finish at the same instant are all announced then."""
    early_ms, middle_ms, late_ms = sorted(run.lengths_ms(3))
    lengths = {"all": [late_ms] * 4, "the-last": [early_ms, late_ms, late_ms], "many": [middle_ms] * 60}
    lengths_ms = lengths.get(run.variant, [middle_ms, early_ms, late_ms, middle_ms, early_ms, middle_ms])
    await one_race(run, len(lengths_ms), lengths_ms)


@sweep(amount("twice"), value("None", "0", "False", "empty", "list", "error"), only("the-same-words"))
async def test_boats_and_words_of_any_kind(run):
    """Whatever the boats are and their crews say, each boat is announced with its own words."""
    await one_race(run, 3)


@points(2)
@sweep(again(), only("called-off", "first-called-off", "cancelled", "first-cancelled"))
async def test_races_know_nothing_of_each_other(run):
    """Two races of boats of the same names are on at once; when one is called off, the other goes on."""
    boats = run.names("boat", 3)
    lengths_ms = run.lengths_ms(6)
    is_first, is_off = "first" in run.variant, "called-off" in run.variant
    races = [
        Race(run, boats, lengths_ms[:3], failing=0 if is_off and is_first else None),
        Race(
            run,
            boats,
            lengths_ms[3:],
            failing=0 if is_off and not is_first else None,
            mark=" of the other race",
        ),
    ]
    for race in races:
        race.start()
    if "cancelled" in run.variant:
        await asyncio.sleep(min(lengths_ms) / 2000)
        races[0 if is_first else 1].cancel()
    for race in races:
        outcome = await run.outcome(race.call)
        race.assert_was(outcome)
        if race.error is not None:
            run.assert_raised(outcome, race.error, grouped=None)
        elif race.cancelled_ns is not None:
            check(outcome.kind == "cancelled", "A race was cancelled, but that did not come out of it.")
        else:
            assert_equal(outcome.value, race.order, "The boats by place")


# -- called off ------------------------------------------------------------------------------------
@stage(2)
@points(2)
@sweep(fail("OSError", "ValueError", "TimeoutError", "Stranger", "BaseException", "at-once"))
async def test_a_boat_capsizes(run):
    """When a boat capsizes, the race is called off at that instant, and the error comes out."""
    await one_race(run)


@stage(2)
@sweep(only("slow", "the-first", "the-last"))
async def test_an_announcement_fails(run):
    """When an announcement fails, the race is called off as well."""
    await one_race(run, unheard={"the-first": 1, "the-last": 4}.get(run.variant, 2))


@stage(2)
@sweep(only("slow"))
async def test_boats_that_take_a_while_to_come_back(run):
    """The race waits for boats that take a while to come back."""
    await one_race(run, failing=0)


# -- cancelled -------------------------------------------------------------------------------------
@stage(3)
@points(2)
@sweep(cancel("", "turn", "2-turns", "midway"))
async def test_cancelled(run):
    """Cancelled at any instant, all boats are called back, and the cancellation comes out."""
    await one_race(run)


@stage(3)
@points(2)
@sweep(slow("", "fails"))
async def test_cancelled_and_slow(run):
    """A cancelled race, too, waits for boats that take a while to come back."""
    await one_race(run)

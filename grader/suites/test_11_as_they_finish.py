"""Kata 11: every result handed on at the instant at which it comes."""

import asyncio
from functools import partial
from itertools import pairwise

from grader.testing import (
    Verdict,
    an_instant,
    assert_at,
    assert_equal,
    assert_took,
    check,
    clear_of,
    explore,
    is_late,
    is_off,
    long_s,
    points,
    seconds,
    show_ns,
    too_close,
)

WORDS = ("at last", "never again", "once more", "wet, all of us", "what a wind", "")
ERRORS = (OSError, ValueError, RuntimeError, LookupError, TimeoutError)
KINDS = ("avocet", "bittern", "curlew", "dunlin", "eider", "fulmar", "gannet")
DEMO_MINUTES = (7, 4, 9, 5)


async def demo(net, rng):
    """The stub brings its own regatta; returns the best possible time in nanoseconds."""
    return seconds(max(DEMO_MINUTES))


class Regatta:
    """Boats, how long each needs, and what the judge saw of their race."""

    def __init__(self, clock, rng, lengths_us, capsizing=None):
        self.clock, self.rng = clock, rng
        names = [f"{rng.choice(KINDS)} {number}" for number in rng.sample(range(10**6), len(lengths_us))]
        self.lengths_us = dict(zip(names, lengths_us, strict=True))
        self.words = {name: rng.choice(WORDS) for name in names}
        self.capsizing = None if capsizing is None else names[capsizing]
        self.error = rng.choice(ERRORS)(f"the {self.capsizing} lies on her side")
        self.started_ns, self.ended_ns, self.called_back_ns = {}, {}, {}
        self.twice, self.announced = [], []
        """What was announced: (when, place, boat, words)."""
        self.opened_ns = clock.now_ns

    @property
    def boats(self):
        return list(self.lengths_us)

    @property
    def last_ns(self):
        return max(self.lengths_us.values()) * 1000

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    async def sail(self, boat: str):
        if boat in self.started_ns:
            self.twice.append(boat)
        self.started_ns[boat] = self.now_ns()
        try:
            await asyncio.sleep(self.lengths_us[boat] / 1e6)
        except asyncio.CancelledError:
            self.called_back_ns[boat] = self.now_ns()
            raise
        finally:
            self.ended_ns[boat] = self.now_ns()
        if boat == self.capsizing:
            raise self.error
        return self.words[boat]

    def announce(self, place: int, boat: str, words: str):
        self.announced.append((self.now_ns(), place, boat, words))

    async def run(self, kata):
        """Have the race run; see that all was announced as it should be."""
        order = await kata.call("run_race", self.boats, self.sail, self.announce)
        self.assert_announced(self.boats)
        self.assert_order(order)

    def take_boats_of(self, other):
        """Have boats of the same names as in another race; they need as long as before."""
        self.lengths_us = dict(zip(other.boats, self.lengths_us.values(), strict=True))
        self.words = dict(zip(other.boats, self.words.values(), strict=True))

    def assert_announced(self, boats):
        """Exactly these boats were announced, each at its finish, with the next place and its words."""
        check(not self.twice, f"{len(self.twice)} boat(s) were made to sail more than once.")
        late_ns = max(self.started_ns.values(), default=0)
        text = f"A boat started {show_ns(late_ns)} after the first one."
        check(not is_off(late_ns, 0), text, Verdict.NOT_CONCURRENT)
        seen = [boat for _, _, boat, _ in self.announced]
        assert_equal(sorted(seen), sorted(boats), "The boats that were announced")
        told = {boat: words for _, _, boat, words in self.announced}
        assert_equal(told, {boat: self.words[boat] for boat in boats}, "What the crews said")
        finishes_ns = [self.lengths_us[boat] * 1000 for boat in boats]
        assert_at([at_ns for at_ns, _, _, _ in self.announced], sorted(finishes_ns), "The announcements")
        by_time = [self.lengths_us[boat] * 1000 for _, _, boat, _ in self.announced]
        in_order = not any(is_late(before_ns, after_ns) for before_ns, after_ns in pairwise(by_time))
        check(in_order, "The boats were not announced in the order in which they finished.")
        places = [place for _, place, _, _ in self.announced]
        assert_equal(places, list(range(1, len(boats) + 1)), "The places, as announced,")

    def assert_order(self, order):
        """The result is what was announced."""
        assert_equal(order, [boat for _, _, boat, _ in self.announced], "The boats by place")

    def assert_error(self, error):
        """It is that of the boat that capsized."""
        found = [(type(each).__name__, str(each)) for each in leaves(error)]
        assert_equal(found, [(type(self.error).__name__, str(self.error))], "The error")

    async def assert_all_ashore(self):
        """No boat is out, an instant after the race has ended; and nobody is announced later."""
        await an_instant()
        out = [boat for boat in self.started_ns if boat not in self.ended_ns]
        text = f"`run_race` had ended, but {len(out)} boat(s) were still out."
        check(not out, text, Verdict.LEAKED)
        announced = len(self.announced)
        await asyncio.sleep(long_s(60))
        check(len(self.announced) == announced, "Boats were announced after the end.", Verdict.LEAKED)


def some_us(rng, count, low_ms=100, high_ms=3000):
    """That many lengths of time, all different, in whole microseconds."""
    return rng.sample(range(low_ms * 1000, high_ms * 1000), count)


def some_count(rng):
    """How many boats sail."""
    return rng.randint(4, 9)


# -- a good day ------------------------------------------------------------------------------------
async def test_places_and_words(kata, clock, rng):
    """Every boat is announced once, with its place and its crew's words; the order is returned."""
    for count in (1, some_count(rng), some_count(rng)):
        await Regatta(clock, rng, some_us(rng, count)).run(kata)


@points(2)
@explore(seeds=50)
async def test_announced_at_the_finish(kata, clock, rng):
    """Each boat is announced at the instant at which it finishes."""
    regatta = Regatta(clock, rng, some_us(rng, rng.randint(2, 10)))
    await regatta.run(kata)
    assert_took(kata, regatta.last_ns)
    await regatta.assert_all_ashore()


async def test_a_slow_boat_holds_up_no_news(kata, clock, rng):
    """The first boat of the list may be the last by far."""
    regatta = Regatta(clock, rng, [30_000_000, *sorted(some_us(rng, some_count(rng)), reverse=True)])
    await regatta.run(kata)
    assert_took(kata, regatta.last_ns)


async def test_dead_heat(kata, clock, rng):
    """Boats that finish at the same instant are all announced then."""
    for _ in range(3):
        early_us, middle_us, late_us = sorted(some_us(rng, 3))
        lengths_us = [early_us] * 2 + [middle_us] * 5 + [late_us] * 3
        rng.shuffle(lengths_us)
        await Regatta(clock, rng, lengths_us).run(kata)


async def test_a_hundred_boats(kata, clock, rng):
    """A hundred boats sail at once."""
    regatta = Regatta(clock, rng, some_us(rng, rng.randint(100, 120)))
    await regatta.run(kata)
    assert_took(kata, regatta.last_ns)


async def test_no_boats(kata, clock, rng):
    """A race without boats is over at once."""
    regatta = Regatta(clock, rng, [])
    await regatta.run(kata)
    assert_took(kata, 0)
    await Regatta(clock, rng, some_us(rng, some_count(rng))).run(kata)


async def test_two_races(kata, clock, rng):
    """Two races with the same boats are on at once, each as if it were alone."""
    count = some_count(rng)
    races = [Regatta(clock, rng, some_us(rng, count)) for _ in range(2)]
    races[1].take_boats_of(races[0])
    calls = [kata.call("run_race", race.boats, race.sail, race.announce) for race in races]
    for race, order in zip(races, await asyncio.gather(*calls), strict=True):
        race.assert_announced(race.boats)
        race.assert_order(order)


async def test_the_end_of_another_race(kata, clock, rng):
    """When one race is called off or cancelled, another one with the same boats goes on."""
    for is_cancelled in (True, False):
        count = some_count(rng)
        going_on = Regatta(clock, rng, some_us(rng, count, low_ms=2000))
        capsizing = None if is_cancelled else rng.randrange(count)
        ending = Regatta(clock, rng, some_us(rng, count, high_ms=1900), capsizing)
        going_on.take_boats_of(ending)
        calls = [kata.call("run_race", race.boats, race.sail, race.announce) for race in (ending, going_on)]
        await asyncio.sleep(rng.randint(10_000, 90_000) / 1e6)
        if is_cancelled:
            calls[0].cancel()
        await asyncio.wait(calls)
        going_on.assert_announced(going_on.boats)
        going_on.assert_order(await calls[1])
        if is_cancelled:
            check(
                calls[0].cancelled(), "One of two races was cancelled, but `run_race` did not pass that on."
            )
        else:
            ending.assert_error(await error_of(calls[0]))


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked."""
    regatta = Regatta(clock, rng, some_us(rng, some_count(rng)))
    async with kata.heartbeat():
        await regatta.run(kata)


# -- a bad day -------------------------------------------------------------------------------------
@explore(seeds=20)
async def test_a_boat_capsizes(kata, clock, rng):
    """When a boat does not arrive, the race is called off at that instant, and the error comes out."""
    lengths_us = some_us(rng, rng.randint(2, 8))
    regatta = Regatta(clock, rng, lengths_us, capsizing=rng.randrange(len(lengths_us)))
    end_us = regatta.lengths_us[regatta.capsizing]
    error = await error_of(kata.call("run_race", regatta.boats, regatta.sail, regatta.announce))
    regatta.assert_error(error)
    took_ns = kata.elapsed_ns
    text = f"The race was called off at {show_ns(end_us * 1000)}, but it was over only at {show_ns(took_ns)}."
    check(not is_off(took_ns, end_us * 1000), text)
    assert_called_back(regatta, end_us)
    await regatta.assert_all_ashore()


async def test_cancelled_race(kata, clock, rng):
    """When the race is cancelled, all boats are called back at once, be it before the first is in."""
    for has_finishes in (True, False, True):
        regatta = Regatta(clock, rng, some_us(rng, some_count(rng)))
        lengths_us = sorted(regatta.lengths_us.values())
        stop_us = clear_of(partial(some_stop_us, rng, lengths_us, has_finishes), 0, lengths_us[-1])
        call = kata.call("run_race", regatta.boats, regatta.sail, regatta.announce)
        await asyncio.sleep(stop_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        check(call.cancelled(), "The race was cancelled, but `run_race` did not pass the cancellation on.")
        took_ns = call.ended_ns - call.started_ns
        is_wrong = is_off(took_ns, stop_us * 1000)
        check(not is_wrong, "The race was cancelled, and went on for a while all the same.")
        assert_called_back(regatta, stop_us)
        await regatta.assert_all_ashore()


def some_stop_us(rng, lengths_us, has_finishes):
    """An instant (us) between the first finish and the last, and of none; or one before the first."""
    stop_us = rng.randint(lengths_us[0], lengths_us[-1] - 2) + 1
    while stop_us in lengths_us:
        stop_us -= 1
    return stop_us if has_finishes else rng.randint(1, lengths_us[0] - 1)


def assert_called_back(regatta, end_us):
    """Boats that were in by then are announced; the others were called back at that instant."""
    in_time, still_out = [], []
    for boat, length_us in regatta.lengths_us.items():
        is_in, is_out = length_us < end_us, length_us > end_us
        if too_close(length_us * 1000, end_us * 1000):
            is_out = boat in regatta.called_back_ns
            is_in = not is_out
        in_time += [boat] * is_in
        still_out += [boat] * is_out
    regatta.assert_announced(in_time)
    for boat in still_out:
        seen_ns = regatta.called_back_ns.get(boat)
        text = "A boat that was still out at the end was not called back at that instant."
        check(seen_ns is not None and not is_off(seen_ns, end_us * 1000), text, Verdict.LEAKED)


async def error_of(call):
    """The error that a call raises; fails if it returns."""
    try:
        order = await call
    except Exception as error:
        if not hasattr(error, "guest_record"):
            raise
        return error
    check(False, f"A boat capsized, so `run_race` should raise its error; but it returned {order!r:.200}.")
    return None


def leaves(error):
    """The errors in a group, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for member in error.exceptions for leaf in leaves(member)]
    return [error]

"""Kata 15: ticks at their instants, whatever the work takes, and an end at once."""

import asyncio
from functools import partial

import pytest

from grader.testing import (
    Verdict,
    allowing,
    assert_all_equal,
    assert_at,
    assert_equal,
    blocking,
    check,
    clear_of,
    forgiven,
    is_off,
    leave_out_unless_exact,
    long_s,
    points,
    seconds,
    show_ns,
    slack_us,
)

ERRORS = (
    ArithmeticError,
    LookupError,
    OSError,
    RuntimeError,
    StopAsyncIteration,
    TimeoutError,
    ValueError,
)

SOON = 60
"""A wrong number among so many ticks is told first; later ones come of ticks that are late."""


@pytest.fixture(autouse=True)
def less_than_a_microsecond():
    """What the statement allows; `time.time()` cannot tell more: its floats are 238 ns apart."""
    with allowing(999):
        yield


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(5.5)


# -- the buoy --------------------------------------------------------------------------------------
class Buoy:
    """The work of a ticker: takes what it is told to take, and notes when it was asked."""

    def __init__(self, clock, rng, *, lengths_us=(), period_us=None, error=ValueError):
        self.clock = clock
        self.period_us = period_us or rng.randint(100_000, 2_000_000)
        self.lengths_us = list(lengths_us)
        self.usual_us = rng.randint(1, self.period_us // 2)
        self.fails_at, self.error = None, error(f"no tide ({rng.randrange(10**6)})")
        self.started_ns = clock.now_ns
        self.numbers, self.begun_ns, self.ended_ns, self.missed_at = [], [], [], []
        self.cancelled_ns, self.together = [], False
        self.at_end = {}
        """What to do at the very end of the work of the tick of that number, before anybody hears of it."""

    def now_ns(self):
        return self.clock.now_ns - self.started_ns

    def length_us(self, number):
        return self.lengths_us[number] if number < len(self.lengths_us) else self.usual_us

    @property
    def under_way(self):
        return len(self.begun_ns) - len(self.ended_ns) - len(self.cancelled_ns)

    async def work(self, number: int):
        self.together = self.together or self.under_way > 0
        self.numbers.append(number)
        self.begun_ns.append(self.now_ns())
        try:
            await asyncio.sleep(self.length_us(number) / 1e6)
        except asyncio.CancelledError:
            self.cancelled_ns.append(self.now_ns())
            raise
        self.ended_ns.append(self.now_ns())
        if number in self.at_end:
            self.at_end[number]()
        if number == self.fails_at:
            raise self.error

    def missed(self, number: int):
        self.missed_at.append((number, self.now_ns()))

    def expect(self, until_us, catch_up=False):
        """What should happen until then: ([(number, begins, ends)], [(number, missed at)]), in us."""
        ticks, missed = [], []
        number, free_us = 0, 0
        while True:
            begins_us = max(number * self.period_us, free_us) if catch_up else number * self.period_us
            if begins_us >= until_us:
                return ticks, missed
            free_us = begins_us + self.length_us(number)
            ticks.append((number, begins_us, free_us))
            number += 1
            while not catch_up and number * self.period_us < free_us:
                if free_us < until_us:
                    missed.append((number, free_us))
                number += 1


def make_ticker(kata, buoy, **options):
    return kata.new("Ticker", buoy.period_us / 1e6, buoy.work, buoy.missed, **options)


class Running:
    """A ticker of the learner's that runs."""

    def __init__(self, kata, buoy, ticker=None, **options):
        self.kata, self.buoy = kata, buoy
        self.ticker = ticker or make_ticker(kata, buoy, **options)
        buoy.started_ns = buoy.clock.now_ns
        self.call = self.ticker.run().start()

    async def until(self, at_us):
        """Let it run until that instant, counted from its beginning."""
        await asyncio.wait([self.call], timeout=(at_us * 1000 - self.buoy.now_ns()) / 1e9)

    async def stop(self, at_us):
        """Stop it at that instant, and see that it ends then. What `run` returns."""
        await self.until(at_us)
        await self.ask_to_stop()
        await self.end(at_us * 1000)
        return self.outcome()

    async def hold_up(self, at_us, length_us):
        """Hold up the loop from that instant on for so long.

        No line of the learner's does it, so that none is blamed: a list that lives in the guest is
        sorted, and it is its key that takes so long.
        """

        @blocking
        async def somebody_else(item):
            await asyncio.sleep(length_us / 1e6)
            raise LookupError("once is enough")

        items = self.kata.keep("__dir__", (), {}, target=self.ticker)
        await self.until(at_us)
        call = items.sort(key=somebody_else).start()
        await asyncio.wait([call], timeout=100)
        check(call.done(), "The event loop was blocked for 100 s.", Verdict.BLOCKED_LOOP)

    def stop_now(self):
        """Call `stop`, and wait for nothing."""
        self.ticker.stop().start()

    async def ask_to_stop(self, times=1):
        """Call `stop`, so many times at once."""
        calls = [self.ticker.stop().start() for _ in range(times)]
        await asyncio.wait(calls, timeout=100)
        heard = all(call.done() for call in calls)
        check(heard, "`stop` was not heard for 100 s: the event loop was blocked.", Verdict.BLOCKED_LOOP)
        for call in calls:
            call.result()

    async def end(self, due_ns):
        """See that it ends at that instant, and that nothing goes on afterwards."""
        await asyncio.wait(
            [self.call], timeout=(due_ns - self.buoy.now_ns()) / 1e9 + 20 * self.buoy.period_us / 1e6
        )
        check(self.call.done(), "It went on ticking after its end had come.", Verdict.LEAKED)
        ended_ns = self.buoy.now_ns()
        begun, missed = len(self.buoy.begun_ns), len(self.buoy.missed_at)
        check(not self.buoy.under_way, "Some work was still under way when `run` had ended.", Verdict.LEAKED)
        await asyncio.sleep(long_s(100 * self.buoy.period_us / 1e6, real_s=5))
        went_on = (begun, missed) != (len(self.buoy.begun_ns), len(self.buoy.missed_at))
        check(not went_on, "It went on ticking when `run` had ended.", Verdict.LEAKED)
        late = ended_ns > due_ns
        apart = f"{show_ns(abs(ended_ns - due_ns))} too {'late' if late else 'early'}"
        text = f"`run` should end {show_ns(due_ns)} after its beginning; it ended {apart}."
        check(not is_off(ended_ns, due_ns), text, Verdict.NOT_CONCURRENT if late else Verdict.WRONG_ANSWER)

    def outcome(self):
        if self.call.cancelled():
            return CANCELLED
        error = self.call.exception()
        if error is None:
            return returned(self.call.result())
        if not hasattr(error, "guest_record"):
            raise error
        return raised(error)


CANCELLED = ("cancelled",)


def returned(count):
    """The outcome of a `run` that gave that."""
    return "returned", count


def raised(error):
    """The outcome of a `run` that raised that."""
    return "raised", type(error).__name__, str(error)


def assert_ticks(buoy, expected):
    """These ticks, each at its instant, those missed told as such."""
    ticks, missed = expected
    check(not buoy.together, "The work of two ticks was under way at the same time.")
    numbers, what = [number for number, _, _ in ticks], "The numbers of the ticks"
    assert_equal(buoy.numbers[:SOON], numbers[:SOON], what)  # All of them below, after their instants.
    begins_ns = [begins_us * 1000 for _, begins_us, _ in ticks]
    pairs = zip(buoy.begun_ns, begins_ns, strict=False)  # Late ticks come before missing ones.
    off = next((number for number, pair in enumerate(pairs) if is_off(*pair)), None)
    if off is not None:
        seen, due = buoy.begun_ns[off], begins_ns[off]
        late = seen > due
        apart = f"{show_ns(abs(seen - due))} {'after' if late else 'before'}"
        text = f"Tick {ticks[off][0]} began {apart} its instant."
        check(False, text, Verdict.NOT_CONCURRENT if late else Verdict.WRONG_ANSWER)
    assert_all_equal(buoy.numbers, numbers, what)
    assert_missed(buoy, [(number, at_us * 1000) for number, at_us in missed])


def assert_missed(buoy, expected):
    """These ticks were told as missed, at these instants (ns)."""
    assert_all_equal([number for number, _ in buoy.missed_at], [n for n, _ in expected], "The ticks missed")
    assert_at([at_ns for _, at_ns in buoy.missed_at], [at_ns for _, at_ns in expected], "What was missed")


def slow_lengths_us(rng, period_us, count=12):
    """Lengths of work, many of them longer than a period, none a whole number of periods."""
    part_us = partial(clear_of, partial(rng.randint, 1, period_us - 1), 0, period_us)
    slow = [rng.randint(0, 3) * period_us + part_us() for _ in range(count)]
    slow[0] = rng.randint(5, 7) * period_us + part_us()  # A later one may be missed.
    return slow


def pause_after(expected, least=8):
    """An instant (us) between two ticks, the first `least` ticks later, with no work under way."""
    ticks, _ = expected
    return next(
        (ends_us + next_us) // 2
        for (number, _, ends_us), (_, next_us, _) in zip(ticks[least:], ticks[least + 1 :], strict=False)
        if next_us > ends_us + 2 + 2 * slack_us()
    )


def just_before_us(buoy):
    """How long before a tick, and still in the pause, it is safe to say that the tick has not begun."""
    return max(1, min(slack_us(), (buoy.period_us - buoy.usual_us) // 2))


# -- ticking ---------------------------------------------------------------------------------------
@points(2)
async def test_no_drift(kata, clock, rng):
    """A thousand ticks, each at its instant, counted from the beginning of `run`."""
    leave_out_unless_exact("it needs a thousand periods")
    buoy = Buoy(clock, rng, period_us=rng.randint(100_000, 999_999))
    buoy.lengths_us = [rng.randint(1, buoy.period_us - 1) for _ in range(1000)]
    end_us = 1000 * buoy.period_us - 1
    ticker = make_ticker(kata, buoy)
    await asyncio.sleep(rng.uniform(0.1, 5))
    result = await Running(kata, buoy, ticker).stop(end_us)
    assert_ticks(buoy, buoy.expect(end_us))
    assert_equal(result, returned(1000), "What `run` returns")


@points(2)
async def test_slow_work_skips(kata, clock, rng):
    """Ticks that fall due during slow work are skipped and told."""
    for _ in range(3):
        buoy = Buoy(clock, rng)
        buoy.lengths_us = slow_lengths_us(rng, buoy.period_us)
        expected = buoy.expect(100 * buoy.period_us)
        end_us = pause_after(expected)
        expected = buoy.expect(end_us)
        result = await Running(kata, buoy).stop(end_us)
        assert_ticks(buoy, expected)
        assert_equal(result, returned(len(expected[0])), "What `run` returns")


@points(2)
async def test_slow_work_catches_up(kata, clock, rng):
    """With `catch_up`, what was missed is made up for without a pause, and the beat is found again."""
    for _ in range(3):
        buoy = Buoy(clock, rng)
        buoy.lengths_us = slow_lengths_us(rng, buoy.period_us, 6)
        buoy.usual_us = rng.randint(1, buoy.period_us // 4)
        expected = buoy.expect(200 * buoy.period_us, catch_up=True)
        end_us = pause_after(expected, 30)
        expected = buoy.expect(end_us, catch_up=True)
        result = await Running(kata, buoy, catch_up=True).stop(end_us)
        assert_ticks(buoy, expected)
        assert_equal(result, returned(len(expected[0])), "What `run` returns")


async def test_late_wake_up(kata, clock, rng):
    """When the loop is held up, a tick begins late, and may last into the next one; the beat goes on."""
    leave_out_unless_exact("it needs the loop held up from a millisecond before a tick")
    for catch_up in (False, True):
        buoy = Buoy(clock, rng, period_us=500_000 + rng.randint(1, 9999))
        buoy.usual_us = 50_000
        buoy.lengths_us = [50_000] * 6 + [250_000]
        expected = [n * buoy.period_us * 1000 for n in range(10)]
        running = Running(kata, buoy, catch_up=catch_up)
        for number, length_us in ((3, rng.randint(10_000, 20_000)), (6, rng.randint(300_000, 400_000))):
            from_us = number * buoy.period_us - rng.randint(1000, 9000)
            await running.hold_up(from_us, length_us)
            expected[number] = (from_us + length_us) * 1000
        free_ns = expected[6] + 250_000_000
        expected[7:8] = [free_ns] if catch_up else []
        result = await running.stop(10 * buoy.period_us - 1000)
        assert_at(buoy.begun_ns, expected, "The ticks")
        assert_missed(buoy, [] if catch_up else [(7, free_ns)])
        assert_equal(result, returned(len(expected)), "What `run` returns")


async def test_two_tickers(kata, clock, rng):
    """Several tickers do not disturb each other; one is stopped, the others go on."""
    buoys = [Buoy(clock, rng) for _ in range(20)]
    running = [Running(kata, buoy) for buoy in buoys]
    ends_us = [rng.randint(3, 8) * buoy.period_us - just_before_us(buoy) for buoy in buoys]
    results = await asyncio.gather(*(each.stop(end) for each, end in zip(running, ends_us, strict=True)))
    for buoy, end_us, result in zip(buoys, ends_us, results, strict=True):
        expected = buoy.expect(end_us)
        assert_ticks(buoy, expected)
        assert_equal(result, returned(len(expected[0])), "What `run` returns")


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked."""
    for catch_up in (False, True):
        buoy = Buoy(clock, rng)
        async with kata.heartbeat():
            running = Running(kata, buoy, catch_up=catch_up)
            end_us = 3 * buoy.period_us - just_before_us(buoy)
            result = await running.stop(end_us)
        assert_ticks(buoy, buoy.expect(end_us, catch_up))
        assert_equal(result, returned(3), "What `run` returns")


# -- stopping --------------------------------------------------------------------------------------
async def test_stopped_in_a_pause(kata, clock, rng):
    """Stopped between two ticks, it ends at that instant; stopping again does no harm."""
    for ticks in (1, rng.randint(2, 5)):
        buoy = Buoy(clock, rng)
        pause_us = buoy.period_us - buoy.usual_us
        before_us = clear_of(partial(rng.randint, 1, pause_us - 1), 0, pause_us)
        end_us = ticks * buoy.period_us - before_us
        running = Running(kata, buoy)
        await running.until(end_us)
        await running.ask_to_stop(times=3)
        assert_equal(await running.stop(end_us), returned(ticks), "What `run` returns")
        assert_ticks(buoy, buoy.expect(end_us))
        await running.ask_to_stop()


async def test_stopped_in_the_midst_of_work(kata, clock, rng):
    """Stopped during work, it cancels that, and does not count it."""
    for ticks, catch_up in ((0, False), (3, True), (rng.randint(1, 5), False)):
        buoy = Buoy(clock, rng)
        buoy.lengths_us = [buoy.usual_us] * ticks + [buoy.period_us * 3 + 1]
        into_us = clear_of(partial(rng.randint, 1, buoy.period_us * 3), 0, buoy.period_us * 3)
        end_us = ticks * buoy.period_us + into_us
        result = await Running(kata, buoy, catch_up=catch_up).stop(end_us)
        seen_ns = forgiven(buoy.cancelled_ns, [end_us * 1000])
        assert_equal(seen_ns, [end_us * 1000], "The instants at which work was cancelled (ns)")
        assert_ticks(buoy, buoy.expect(end_us, catch_up))
        assert_equal(result, returned(ticks), "What `run` returns")


async def test_cancelled(kata, clock, rng):
    """Cancelled in a pause or during work, it ends at that instant, and the cancellation goes on."""
    for in_work, catch_up in ((True, False), (False, False), (True, True), (False, True)):
        buoy = Buoy(clock, rng)
        buoy.usual_us = buoy.period_us // 2
        at_us = 2 * buoy.period_us + buoy.period_us // (4 if in_work else 1) - rng.randint(1, 1000)
        at_us -= 0 if in_work else just_before_us(buoy) - 1
        running = Running(kata, buoy, catch_up=catch_up)
        await running.until(at_us)
        running.call.cancel()
        await running.end(at_us * 1000)
        assert_equal(running.outcome(), CANCELLED, "Cancelled, `run`")
        due_ns = [at_us * 1000] * in_work
        seen_ns = forgiven(buoy.cancelled_ns, due_ns)
        assert_equal(seen_ns, due_ns, "The instants of cancellation (ns)")
        assert_ticks(buoy, buoy.expect(at_us, catch_up))


async def test_ended_as_the_work_ends(kata, clock, rng):
    """Stopped or cancelled at the very instant at which some work ends, it ends at that instant, too."""
    leave_out_unless_exact("it needs an end at the very instant of something else")
    soon = asyncio.get_running_loop().call_soon
    for is_stopped, is_after in ((False, False), (False, True), (True, False), (True, True)):
        buoy = Buoy(clock, rng)
        ticks = rng.randint(1, 3)
        running = Running(kata, buoy, catch_up=rng.choice((False, True)))
        end = running.stop_now if is_stopped else running.call.cancel
        buoy.at_end[ticks - 1] = partial(soon, end) if is_after else end
        end_us = (ticks - 1) * buoy.period_us + buoy.usual_us
        await running.end(end_us * 1000)
        counts = returned(ticks - 1), returned(ticks)
        how, possible = ("Stopped", counts) if is_stopped else ("Cancelled", (CANCELLED,))
        seen = running.outcome()
        check(
            seen in possible,
            f"{how} as the work of tick {ticks - 1} ended, `run` {' '.join(map(str, seen)):.200}.",
        )
        assert_ticks(buoy, buoy.expect(end_us))


async def test_error_of_the_work(kata, clock, rng):
    """An error of the work ends the ticker at once, whatever was missed, and is raised as it is."""
    for number, kind in enumerate(ERRORS):
        for catch_up, periods in ((False, number % 2 * 2), (True, (number + 1) % 2 * 2)):
            buoy = Buoy(clock, rng, error=kind)
            buoy.fails_at = rng.randint(0, 2)
            length_us = periods * buoy.period_us + buoy.usual_us
            buoy.lengths_us = [buoy.usual_us] * buoy.fails_at + [length_us]
            running = Running(kata, buoy, catch_up=catch_up)
            due_us = buoy.fails_at * buoy.period_us + length_us
            await running.end(due_us * 1000)
            assert_equal(running.outcome(), raised(buoy.error), "The outcome of `run`")
            assert_ticks(buoy, buoy.expect(due_us, catch_up))

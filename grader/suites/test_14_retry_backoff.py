"""Kata 14: attempts with exact pauses between them, and a deadline for the whole."""

import asyncio
from collections import Counter
from functools import partial

from grader.testing import (
    Verdict,
    assert_at,
    assert_equal,
    assert_took,
    check,
    clear_of,
    clock_is_exact,
    forgiven,
    is_late,
    is_off,
    leave_out_unless_exact,
    long_s,
    points,
    seconds,
    show_ns,
)

DEMO = {"invoice": 2, "postcard": 0, "summons": 1, "telegram": 3}
RETRYABLE = (
    ConnectionError,
    ConnectionAbortedError,
    ConnectionRefusedError,
    ConnectionResetError,
    BrokenPipeError,
    TimeoutError,
)
FINAL = (
    ArithmeticError,
    FileNotFoundError,
    LookupError,
    OSError,
    PermissionError,
    RuntimeError,
    ValueError,
)


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(
        max(
            0.5 * (closed + 1) + sum(2**n for n in range(closed)) + closed * len(letter) / 100
            for letter, closed in DEMO.items()
        )
    )


# -- the post office -------------------------------------------------------------------------------
class Letter:
    """A letter and how each attempt to send it goes: after how long (us), and with what.

    An outcome is an exception or the receipt; the last attempt's is repeated for ever.
    """

    def __init__(self, office, outcomes, lengths_us=None, *, name=None, receipt=None):
        rng = office.rng
        self.office = office
        self.name = name or f"letter {len(office.letters) * 10**6 + rng.randrange(10**6)}"
        self.receipt = f"receipt {rng.randrange(10**9)}" if receipt is None else receipt
        self.outcomes = [self.receipt if outcome is None else outcome for outcome in outcomes]
        self.lengths_us = lengths_us or [rng.randint(1000, 800_000) for _ in outcomes]
        self.jitters_us = [*(rng.randint(1, 900_000) for _ in range(39)), 0]  # None for "attempt 0".
        self.begun_ns, self.ended_ns, self.cancelled_ns = [], [], []
        self.jitters_asked = []
        self.at_end = lambda: None
        """What to do at the very end of an attempt, before anybody hears of it."""

    def length_us(self, attempt):
        return self.lengths_us[min(attempt, len(self.lengths_us)) - 1]

    def pause_us(self, attempt):
        return min(2 ** (attempt - 1), 16) * 1_000_000 + self.jitters_us[attempt - 1]

    def begins_us(self, attempt):
        """When that attempt begins if nothing stops it before."""
        return sum(self.length_us(n) + self.pause_us(n) for n in range(1, attempt))

    def ends_us(self, attempt):
        return self.begins_us(attempt) + self.length_us(attempt)

    def begins_ns(self, attempts):
        return [self.begins_us(n) * 1000 for n in range(1, attempts + 1)]

    def gave_up(self, attempts):
        return f"GaveUp: {self.name}: {attempts} attempts"


class Office:
    """Takes letters, and notes when: what it noted is the evidence."""

    def __init__(self, clock, rng):
        self.clock, self.rng = clock, rng
        self.letters = {}
        self.opened_ns = clock.now_ns

    def add(self, *outcomes, lengths_us=None, **more):
        letter = Letter(self, outcomes, lengths_us, **more)
        self.letters[letter.name] = letter
        return letter

    def error(self, kinds=RETRYABLE):
        return self.rng.choice(kinds)(f"closed ({self.rng.randrange(10**6)})")

    def closed(self, times):
        return [self.error() for _ in range(times)]

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    async def send(self, name: str):
        letter = self.letters[name]
        letter.begun_ns.append(self.now_ns())
        attempt = len(letter.begun_ns)
        try:
            await asyncio.sleep(letter.length_us(attempt) / 1e6)
        except asyncio.CancelledError:
            letter.cancelled_ns.append(self.now_ns())
            raise
        letter.ended_ns.append(self.now_ns())
        letter.at_end()
        outcome = letter.outcomes[min(attempt, len(letter.outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def jitter(self, name: str, attempt: int):
        letter = self.letters[name]
        letter.jitters_asked.append(attempt)
        return letter.jitters_us[attempt % 40 - 1] / 1e6

    def some_long_s(self):
        """A time limit that is never reached."""
        return self.rng.randint(9_000_000, 11_000_000) / 1000

    def start_one(self, kata, letter, within_s=None):
        self.opened_ns = self.clock.now_ns
        within_s = self.some_long_s() if within_s is None else within_s
        return kata.call("send_one", letter.name, self.send, self.jitter, within_s)

    def start_all(self, kata, within_s=None):
        self.opened_ns = self.clock.now_ns
        within_s = self.some_long_s() if within_s is None else within_s
        return kata.call("send_all", list(self.letters), self.send, self.jitter, within_s)


async def outcome_of(call, office):
    """How a call ended, once it is sure that nothing goes on after it.

    It is what `returned`, `raised` and CANCELLED give: a text that is returned is no error of that text.
    """
    await asyncio.wait([call])
    begun = sum(len(letter.begun_ns) for letter in office.letters.values())
    ended = sum(len(letter.ended_ns) + len(letter.cancelled_ns) for letter in office.letters.values())
    await asyncio.sleep(long_s(100))
    check(begun == ended, "An attempt was still under way at the end.", Verdict.LEAKED)
    later = sum(len(letter.begun_ns) for letter in office.letters.values()) - begun
    check(not later, "An attempt began after the end.", Verdict.LEAKED)
    if call.cancelled():
        return CANCELLED
    error = call.exception()
    if error is None:
        return returned(call.result())
    if not hasattr(error, "guest_record"):
        raise error
    return raised(in_words(error))


CANCELLED = ("cancelled",)


def returned(value):
    """The outcome of a call that gave that value."""
    return "returned", value


def raised(words):
    """The outcome of a call that raised the error of these words."""
    return "raised", words


def in_words(error):
    return f"{type(error).__name__}: {error}"


def assert_attempts(letter, count):
    """There were so many, each at its instant."""
    seen = len(letter.begun_ns)
    check(seen == count, f"There should be {count} attempts, but there were {seen}.")
    expected = letter.begins_ns(count)
    pairs = zip(letter.begun_ns, expected, strict=True)
    early = [seen - due for seen, due in pairs if is_late(due, seen)]
    check(not early, f"An attempt began {show_ns(-min(early, default=0))} too early.")
    assert_at(letter.begun_ns, expected, "The attempts")
    asked = letter.jitters_asked
    again, times = next(iter(Counter(asked).most_common(1)), (None, 0))
    check(times < 2, f"`jitter` was asked {times} times for attempt {again} of one letter.")


def assert_ended_at(call, due_us):
    took_ns = call.ended_ns - call.started_ns
    text = f"It should end after {show_ns(due_us * 1000)}, but it took {show_ns(took_ns)}."
    late = took_ns > due_us * 1000
    check(not is_off(took_ns, due_us * 1000), text, Verdict.NOT_CONCURRENT if late else Verdict.WRONG_ANSWER)


# -- one letter ------------------------------------------------------------------------------------
@points(2)
async def test_pauses_are_exact(kata, clock, rng):
    """Each attempt begins at its instant, however long the one before took; pauses double up to a limit."""
    leave_out_unless_exact("it needs pauses of many minutes in all")
    for closed, receipt in ((0, None), (1, None), (3, None), (rng.randint(11, 12), None), (0, ""), (2, "")):
        office = Office(clock, rng)
        letter = office.add(*office.closed(closed), None, receipt=receipt)
        letter.lengths_us[closed // 2] = rng.randint(70_000_000, 80_000_000)
        call = office.start_one(kata, letter)
        assert_equal(await outcome_of(call, office), returned(letter.receipt), "The receipt")
        assert_attempts(letter, closed + 1)
        assert_ended_at(call, letter.ends_us(closed + 1))


async def test_only_some_errors_are_retried(kata, clock, rng):
    """Every connection error and time-out is retried; any other exception is raised at once."""
    for final in FINAL:
        office = Office(clock, rng)
        error = office.error([final])
        letter = office.add(*rng.sample([kind("no") for kind in RETRYABLE], rng.randint(0, 3)), error)
        call = office.start_one(kata, letter)
        attempts = len(letter.outcomes)
        assert_equal(await outcome_of(call, office), raised(in_words(error)), "The error")
        assert_attempts(letter, attempts)
        assert_ended_at(call, letter.ends_us(attempts))
    office = Office(clock, rng)
    letter = office.add(*(kind("not yet") for kind in RETRYABLE), None)
    call = office.start_one(kata, letter)
    assert_equal(await outcome_of(call, office), returned(letter.receipt), "The receipt")
    assert_attempts(letter, len(RETRYABLE) + 1)


async def test_gives_up_before_a_pause(kata, clock, rng):
    """A pause that would go beyond the deadline is not begun."""
    for attempts in (1, 2, rng.randint(3, 6)):
        office = Office(clock, rng)
        letter = office.add(*office.closed(attempts), None)
        within_us = rng.choice(
            (
                letter.ends_us(attempts) + 1,
                letter.begins_us(attempts + 1) - 1,
                rng.randint(letter.ends_us(attempts) + 1, letter.begins_us(attempts + 1) - 1),
            )
        )
        call = office.start_one(kata, letter, within_us / 1e6)
        assert_equal(await outcome_of(call, office), raised(letter.gave_up(attempts)), "The error")
        assert_attempts(letter, attempts)
        assert_ended_at(call, letter.ends_us(attempts))


@points(2)
async def test_attempt_cut_at_the_deadline(kata, clock, rng):
    """An attempt that is under way at the deadline is cancelled there, and not a moment before."""
    for attempts in (1, 2, rng.randint(3, 6)):
        for part in (0.001, rng.uniform(0.1, 0.9), 0.999):
            if part == 0.001 and not clock_is_exact():
                continue  # It would be over before the attempt has begun.
            office = Office(clock, rng)
            lengths_us = [rng.randint(100_000, 900_000) for _ in range(attempts)]
            letter = office.add(*office.closed(attempts), lengths_us=lengths_us)
            within_us = letter.begins_us(attempts) + round(letter.length_us(attempts) * part)
            call = office.start_one(kata, letter, within_us / 1e6)
            assert_equal(await outcome_of(call, office), raised(letter.gave_up(attempts)), "The error")
            assert_attempts(letter, attempts)
            assert_ended_at(call, within_us)
            due_ns = [within_us * 1000]
            seen_ns = forgiven(letter.cancelled_ns, due_ns)
            assert_equal(seen_ns, due_ns, "The instants of cancellation (ns)")


async def test_deadline_leaves_time(kata, clock, rng):
    """What succeeds just before the deadline has succeeded; the last pause may end just before it, too."""
    leave_out_unless_exact("it needs a deadline a microsecond after an end")
    for attempts in (1, 2, rng.randint(3, 6)):
        office = Office(clock, rng)
        letter = office.add(*(TimeoutError("slow") for _ in range(attempts - 1)), None)
        call = office.start_one(kata, letter, (letter.ends_us(attempts) + 1) / 1e6)
        assert_equal(await outcome_of(call, office), returned(letter.receipt), "The receipt")
        assert_attempts(letter, attempts)
        letter = office.add(*office.closed(attempts), None)
        call = office.start_one(kata, letter, (letter.begins_us(attempts + 1) + 1) / 1e6)
        assert_equal(await outcome_of(call, office), raised(letter.gave_up(attempts + 1)), "The error")
        assert_attempts(letter, attempts + 1)


async def test_cancelled_letter(kata, clock, rng):
    """Cancelled in an attempt or in a pause, it ends at that instant, and is not tried again."""
    for attempts in (1, 2, 3):
        for in_pause in (False, True):
            office = Office(clock, rng)
            letter = office.add(*office.closed(attempts + 1), None)
            phase = letter.ends_us(attempts) if in_pause else letter.begins_us(attempts)
            length_us = letter.pause_us(attempts) if in_pause else letter.length_us(attempts)
            instant_us = partial(rng.randint, phase + 1, phase + length_us - 1)
            at_us = clear_of(instant_us, letter.begins_us(attempts), letter.begins_us(attempts + 1))
            call = office.start_one(kata, letter)
            await asyncio.sleep(at_us / 1e6)
            call.cancel()
            assert_equal(await outcome_of(call, office), CANCELLED, "Cancelled, `send_one`")
            assert_ended_at(call, at_us)
            assert_attempts(letter, attempts)


async def test_cancelled_as_an_attempt_fails(kata, clock, rng):
    """A cancellation at the very instant at which an attempt fails goes on, too, and there is no other."""
    leave_out_unless_exact("it needs a cancellation at the very instant of something else")
    for is_after in (False, True):
        office = Office(clock, rng)
        letter = office.add(*office.closed(2), None)
        call = office.start_one(kata, letter)
        soon = asyncio.get_running_loop().call_soon
        letter.at_end = partial(soon, call.cancel) if is_after else call.cancel
        assert_equal(await outcome_of(call, office), CANCELLED, "Cancelled, `send_one`")
        assert_ended_at(call, letter.ends_us(1))
        assert_attempts(letter, 1)


async def test_letters_of_one_name(kata, clock, rng):
    """A letter of the same name is sent as if there had been no other, later or at the same time."""
    first = Office(clock, rng)
    letter = first.add(*first.closed(rng.randint(1, 3)), None)
    offices = [first, *(Office(clock, rng) for _ in range(3))]
    for office in offices[1:]:
        office.add(*office.closed(rng.randint(1, 3)), None, name=letter.name)
    for number, together in ((0, 1), (1, 3)):
        each = [(office, *office.letters.values()) for office in offices[number : number + together]]
        calls = [office.start_one(kata, letter) for office, letter in each]
        for call, (office, letter) in zip(calls, each, strict=True):
            assert_equal(await outcome_of(call, office), returned(letter.receipt), "The receipt")
            assert_attempts(letter, len(letter.outcomes))
            assert_ended_at(call, letter.ends_us(len(letter.outcomes)))


# -- all letters -----------------------------------------------------------------------------------
def some_letters(office, count):
    """Letters of every kind, and the report that is expected of each without a deadline."""
    report = {}
    for number in range(count):
        if number % 3 == 2:
            error = office.error(FINAL)
            letter = office.add(*office.closed(office.rng.randint(0, 3)), error)
            report[letter.name] = in_words(error)
        else:
            letter = office.add(*office.closed(office.rng.randint(0, 4)), None)
            report[letter.name] = letter.receipt
    return report


async def test_report_is_right(kata, clock, rng):
    """The report has every letter in order, with its receipt or with its own error."""
    office = Office(clock, rng)
    expected = some_letters(office, rng.randint(6, 12))
    within_us = rng.randint(24_000_000, 60_000_000) + 0.5  # Enough for all that can be sent.
    for _ in range(4):
        letter = office.add(*office.closed(1))
        begun = next(n for n in range(1, 40) if letter.begins_us(n + 1) > within_us)
        expected[letter.name] = letter.gave_up(begun)
    report = await outcome_of(office.start_all(kata, within_us / 1e6), office)
    assert_equal(report, returned(expected), "The report")
    assert_equal(list(report[1]), list(expected), "The order of the report")
    office = Office(clock, rng)
    empty = await outcome_of(office.start_all(kata), office)
    assert_equal(empty, returned({}), "The report of no letters")


@points(2)
async def test_a_hundred_letters(kata, clock, rng):
    """A hundred letters are sent at the same time, each as if it were alone."""
    office = Office(clock, rng)
    expected = some_letters(office, rng.randint(100, 120))
    call = office.start_all(kata)
    assert_equal(await outcome_of(call, office), returned(expected), "The report")
    letters = list(office.letters.values())
    assert_took(kata, max(letter.ends_us(len(letter.outcomes)) for letter in letters) * 1000)
    for letter in letters:
        assert_attempts(letter, len(letter.outcomes))


async def test_several_sacks(kata, clock, rng):
    """Several sacks of the same letters may be under way at once: the end of one does nothing to others."""
    done, cancelled, other, later = offices = [Office(clock, rng) for _ in range(4)]
    names = [f"letter {number}" for number in rng.sample(range(10**6), 2)]
    for office in offices:
        for name, closed in zip(names, (0, 0 if office is done else 3), strict=True):
            office.add(*office.closed(closed), None, name=name)
    other.letters[names[0]].lengths_us = [999]  # The first receipt of that name, in the last report.
    at_us = other.letters[names[1]].ends_us(2)
    calls = [office.start_all(kata) for office in (done, cancelled, other)]
    await asyncio.sleep(at_us / 1e6)
    calls[1].cancel()
    await assert_sack(calls[0], done)
    await assert_sack(calls[2], other)
    assert_equal(await outcome_of(calls[1], cancelled), CANCELLED, "Cancelled, `send_all`")
    assert_ended_at(calls[1], at_us)
    await assert_sack(later.start_all(kata), later)


async def assert_sack(call, office):
    """All letters are sent in the end, each as if it were alone."""
    letters = list(office.letters.values())
    report = {letter.name: letter.receipt for letter in letters}
    assert_equal(await outcome_of(call, office), returned(report), "The report")
    for letter in letters:
        assert_attempts(letter, len(letter.outcomes))
    assert_ended_at(call, max(letter.ends_us(len(letter.outcomes)) for letter in letters))


async def test_cancelled_sack(kata, clock, rng):
    """Cancelled, all of it ends at that instant, and the cancellation goes on."""
    for some_done in (False, True):
        office = Office(clock, rng)
        if some_done:
            office.add(None)
            office.add(office.error(FINAL))
        for _ in range(rng.randint(4, 9)):
            office.add(*office.closed(3), None)
        if some_done:
            office.add(None)
        at_us = rng.randint(1_000_000, 5_000_000) if some_done else rng.randint(1, 5_000_000)
        call = office.start_all(kata)
        await asyncio.sleep(at_us / 1e6)
        call.cancel()
        assert_equal(await outcome_of(call, office), CANCELLED, "Cancelled, `send_all`")
        assert_ended_at(call, at_us)


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked."""
    office = Office(clock, rng)
    expected = some_letters(office, rng.randint(6, 12))
    async with kata.heartbeat():
        report = await outcome_of(office.start_all(kata), office)
    assert_equal(report, returned(expected), "The report")

"""Kata 07: saves beside each other, of which the first failure stops the rest."""

import asyncio

from grader.testing import (
    Verdict,
    an_instant,
    assert_equal,
    assert_took,
    check,
    explore,
    is_late,
    is_off,
    leave_out_unless_exact,
    long_s,
    points,
    seconds,
    show_ns,
    too_close,
)

DEMO = {"amphora": 2.0, "brooch": 0.5, "coin": 1.5, "dagger": 3.0, "earring": 1.0}
ERRORS = (ValueError, OSError, LookupError, ArithmeticError)
TURNS = ((1, 0, 0, 0), (2, 0, 6, 0), (3, 2, 3, 0), (1, 0, 6, 1), (1, 2, 5, 3), (2, 1, 5, 2))
"""How many saves fail at one instant, succeed at it, and last longer; and how many discards fail."""


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(max(DEMO.values()))


def long_us():
    """For what takes longer than any answer with a time limit of its own would wait."""
    return round(long_s(100, real_s=8) * 1e6)


# -- the archive -----------------------------------------------------------------------------------
class Archive:
    """Saves and discards records, and notes when: what it noted is the evidence."""

    def __init__(self, clock, rng, saves_us, *, failing=(), failing_discards=(), longest_discard_us=900_000):
        self.clock, self.rng = clock, rng
        self.saves_us = saves_us
        self.discards_us = {record: rng.randint(1000, longest_discard_us) for record in saves_us}
        self.errors = {record: self.some_error(f"{record} cannot be saved") for record in failing}
        self.discard_errors = {
            record: self.some_error(f"{record} cannot be discarded") for record in failing_discards
        }
        self.receipts = {record: f"receipt {rng.randrange(10**9)}" for record in saves_us}
        self.opened_ns = clock.now_ns
        self.begun, self.saved, self.failed, self.cancelled = {}, {}, {}, {}
        self.discarding, self.discarded = {}, {}
        self.cut_short, self.twice = [], []

    def some_error(self, text):
        return self.rng.choice(ERRORS)(f"{text} ({self.rng.randrange(10**6)})")

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    async def save(self, record: str):
        self.note(self.begun, record)
        try:
            await asyncio.sleep(self.saves_us[record] / 1e6)
        except asyncio.CancelledError:
            self.note(self.cancelled, record)
            raise
        if record in self.errors:
            self.note(self.failed, record)
            raise self.errors[record]
        self.note(self.saved, record)
        return self.receipts[record]

    async def discard(self, record: str):
        self.note(self.discarding, record)
        try:
            await asyncio.sleep(self.discards_us[record] / 1e6)
            if record in self.discard_errors:
                raise self.discard_errors[record]
        except asyncio.CancelledError:
            self.cut_short.append(record)
            raise
        finally:
            self.note(self.discarded, record)

    def note(self, when, record):
        if record in when:
            self.twice.append(record)
        when[record] = self.now_ns()

    @property
    def under_way(self):
        """Saves and discards that have begun and not ended."""
        ended = {*self.saved, *self.failed, *self.cancelled}
        return [r for r in self.begun if r not in ended] + [
            r for r in self.discarding if r not in self.discarded
        ]


def some_saves_us(rng, count, longest_us=2_000_000):
    """That many records, each with the whole microseconds that its save takes, no two the same."""
    names = [f"record {number}" for number in rng.sample(range(10**6), count)]
    return dict(zip(names, rng.sample(range(100_000, longest_us), count), strict=True))


def some_count(rng):
    """How many records there are."""
    return rng.randint(6, 10)


async def failure_of(kata, archive):
    """What `save_all` raises, and when it ended (ns); fails if it returns."""
    call = kata.call("save_all", list(archive.saves_us), archive.save, archive.discard)
    await asyncio.wait([call])
    ended_ns = archive.now_ns()
    await assert_all_ended(archive)
    error = call.exception()
    if error is not None and not hasattr(error, "guest_record"):
        raise error
    check(error is not None, "A save failed, but `save_all` returned as if all were well.")
    return error, ended_ns


async def assert_all_ended(archive):
    """Nothing is under way, an instant after the end, and nothing begins later."""
    await an_instant()
    count = len(archive.under_way)
    check(not count, f"{count} save(s) or discard(s) were still under way at the end.", Verdict.LEAKED)
    begun = len(archive.begun), len(archive.discarding)
    await asyncio.sleep(long_s(60))
    later = (len(archive.begun), len(archive.discarding)) != begun
    check(not later, "A save or a discard began after the end.", Verdict.LEAKED)


def assert_causes(error, expected):
    """The error is a flat ExceptionGroup of exactly these errors."""
    is_group = isinstance(error, BaseExceptionGroup)
    check(is_group, f"`save_all` should raise an ExceptionGroup; it raised {type(error).__name__}: {error}.")
    found = sorted(describe(each) for each in error.exceptions)
    assert_equal(found, sorted(describe(each) for each in expected), "What the ExceptionGroup holds")


def describe(error):
    return f"{type(error).__name__}: {error}"


def assert_stopped(archive, at_ns):
    """What was under way at that instant was cancelled then, and discarded from then on, once each."""
    lasting = lasting_beyond(archive, at_ns)
    went_on = [record for record in lasting if record not in archive.cancelled]
    check(not went_on, f"{len(went_on)} of {len(lasting)} other saves went on after the first failure.")
    for record in lasting:
        late_ns = archive.cancelled[record] - at_ns
        is_wrong = is_off(archive.cancelled[record], at_ns)
        check(
            not is_wrong, f"A save was cancelled {show_ns(late_ns)} after the instant of the first failure."
        )
    assert_discarded(archive, lasting, at_ns)


def lasting_beyond(archive, at_ns):
    """The records whose saves are still under way at that instant; those too close to it as was seen."""
    return [
        record
        for record, us in archive.saves_us.items()
        if (record in archive.cancelled if too_close(us * 1000, at_ns) else us * 1000 > at_ns)
    ]


def assert_discarded(archive, expected, at_ns):
    """Exactly these were discarded, from that instant on."""
    left_over = sorted(set(expected).difference(archive.discarding))
    check(not left_over, f"{len(left_over)} record(s) whose save was cancelled were not discarded.")
    too_many = sorted(set(archive.discarding).difference(expected))
    check(not too_many, f"{len(too_many)} record(s) were discarded although their save was not cancelled.")
    check(not archive.cut_short, f"{len(archive.cut_short)} discard(s) were cancelled before they had ended.")
    check(not archive.twice, f"{archive.twice[:1]} was saved or discarded more than once.")
    for record in expected:
        late_ns = archive.discarding[record] - at_ns
        text = f"A discard began {show_ns(late_ns)} after the save had been cancelled."
        check(not is_off(archive.discarding[record], at_ns), text, Verdict.NOT_CONCURRENT)


def assert_ended_at(ended_ns, due_ns):
    late_ns = ended_ns - due_ns
    when = f"{show_ns(abs(late_ns))} {'after' if late_ns > 0 else 'before'}"
    text = f"`save_all` ended {when} the last of its saves and discards."
    is_wrong = is_off(ended_ns, due_ns)
    check(not is_wrong, text, Verdict.NOT_CONCURRENT if late_ns > 0 else Verdict.WRONG_ANSWER)


def due_ns(archive, at_ns):
    """When everything has ended if what is left is cancelled at that instant."""
    lasting = lasting_beyond(archive, at_ns)
    return at_ns + max((archive.discards_us[record] * 1000 for record in lasting), default=0)


# -- the good case ---------------------------------------------------------------------------------
async def test_receipts_in_order(kata, clock, rng):
    """All receipts are returned, in the order of the records; none for none."""
    archive = Archive(clock, rng, some_saves_us(rng, some_count(rng), long_us()))
    records = list(archive.saves_us)
    receipts = await kata.call("save_all", records, archive.save, archive.discard)
    assert_equal(receipts, [archive.receipts[record] for record in records], "The receipts")
    check(not archive.twice, "A record was saved more than once.")
    assert_discarded(archive, (), 0)
    assert_equal(
        await kata.call("save_all", [], archive.save, archive.discard), [], "Without records, the result"
    )


@points(2)
async def test_saves_overlap(kata, clock, rng):
    """More than a hundred saves are under way together, and take as long as the slowest."""
    archive = Archive(clock, rng, some_saves_us(rng, rng.randint(110, 130)))
    receipts = await kata.call("save_all", list(archive.saves_us), archive.save, archive.discard)
    assert_equal(receipts, list(archive.receipts.values()), "The receipts")
    assert_took(kata, max(archive.saves_us.values()) * 1000)
    at_once = not any(is_late(begun_ns, 0) for begun_ns in archive.begun.values())
    check(at_once, "Not all saves began at once.", Verdict.NOT_CONCURRENT)


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked."""
    archive = Archive(clock, rng, some_saves_us(rng, some_count(rng)))
    async with kata.heartbeat():
        receipts = await kata.call("save_all", list(archive.saves_us), archive.save, archive.discard)
    assert_equal(receipts, list(archive.receipts.values()), "The receipts")
    assert_took(kata, max(archive.saves_us.values()) * 1000)


# -- what can go wrong -----------------------------------------------------------------------------
@points(2)
@explore(seeds=50)
async def test_first_failure_stops_the_rest(kata, clock, rng):
    """The first failure cancels all other saves at that instant, and their records are discarded."""
    saves_us = some_saves_us(rng, rng.randint(3, 10))
    failing = rng.sample(list(saves_us), rng.randint(1, len(saves_us)))
    archive = Archive(clock, rng, saves_us, failing=failing)
    first = min(failing, key=saves_us.__getitem__)
    error, ended_ns = await failure_of(kata, archive)
    with_first = [record for record in failing if too_close(saves_us[record] * 1000, saves_us[first] * 1000)]
    failed = [record for record in (first, *with_first) if record in archive.failed] or [first]
    first_ns = saves_us[failed[0]] * 1000
    assert_stopped(archive, first_ns)
    assert_causes(error, [archive.errors[record] for record in failed])
    assert_ended_at(ended_ns, due_ns(archive, first_ns))


async def test_every_cause_is_told(kata, clock, rng):
    """The group carries every cause, and what is saved at the instant of the failure is kept."""
    leave_out_unless_exact("it needs saves that end at the very same instant")
    for failing, saved, lasting, discards in TURNS:
        saves_us = some_saves_us(rng, failing + saved + lasting)
        records = list(saves_us)
        at_once = sorted(rng.sample(records, failing + saved), key=records.index)
        others = [record for record in records if record not in at_once]
        first_us = min(saves_us.values())
        saves_us |= dict.fromkeys(at_once, first_us - 1)
        archive = Archive(
            clock,
            rng,
            saves_us,
            failing=at_once[:failing],  # Not the last: a hasty answer then cancels what is as good as saved.
            failing_discards=rng.sample(others, discards),
            longest_discard_us=long_us(),
        )
        error, ended_ns = await failure_of(kata, archive)
        assert_stopped(archive, (first_us - 1) * 1000)
        assert_causes(error, [*archive.errors.values(), *archive.discard_errors.values()])
        assert_ended_at(ended_ns, due_ns(archive, (first_us - 1) * 1000))


async def test_stopped_from_outside(kata, clock, rng):
    """Cancelled, it cancels and discards everything, waits for that, and passes the cancellation on."""
    for saved in (0, 3, 5):
        archive = Archive(clock, rng, some_saves_us(rng, some_count(rng)), longest_discard_us=long_us())
        ends_us = [0, *sorted(archive.saves_us.values())]
        stop_us = (ends_us[saved] + ends_us[saved + 1]) // 2 + 1
        call = kata.call("save_all", list(archive.saves_us), archive.save, archive.discard)
        await asyncio.sleep(stop_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        ended_ns = archive.now_ns()
        await assert_all_ended(archive)
        check(call.cancelled(), "`save_all` was cancelled, but it did not pass the cancellation on.")
        assert_stopped(archive, stop_us * 1000)
        assert_ended_at(ended_ns, due_ns(archive, stop_us * 1000))


async def test_one_save_alone(kata, clock, rng):
    """One save alone gives its receipt, its own error, or, cancelled, discards and is cancelled."""
    saves_us = some_saves_us(rng, 3)
    good, bad, stopped = saves_us
    archive = Archive(clock, rng, saves_us, failing=[bad])
    receipt = await kata.call("save_one", good, archive.save, archive.discard)
    assert_equal(receipt, archive.receipts[good], "The receipt")
    failing = kata.call("save_one", bad, archive.save, archive.discard)
    await asyncio.wait([failing])
    raised = failing.exception()
    assert_equal(None if raised is None else describe(raised), describe(archive.errors[bad]), "The error")
    stopping = kata.call("save_one", stopped, archive.save, archive.discard)
    await asyncio.sleep(saves_us[stopped] / 2e6)
    stop_ns = archive.now_ns()
    stopping.cancel()
    await asyncio.wait([stopping])
    check(stopping.cancelled(), "`save_one` was cancelled, but it did not pass the cancellation on.")
    assert_discarded(archive, [stopped], stop_ns)
    await assert_all_ended(archive)

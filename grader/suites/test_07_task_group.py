"""Kata 07: saves beside each other, of which the first failure stops the rest.

Stage 1: they overlap. Stage 2: the first failure stops the rest. Stage 3: the fine print. `save_all` is never
cancelled (kata 9), and no save fails while it stops.
"""

from collections import Counter

from grader.judge.sweep_run import describe
from grader.testing import (
    Verdict,
    assert_equal,
    check,
    is_off,
    long_s,
    milliseconds,
    points,
    same,
    seconds,
    show_ns,
)
from grader.testing.faults import again, amount, cancel, fail, only, slow, value
from grader.testing.sweep import stage, sweep

DEMO = {"amphora": 2.0, "brooch": 0.5, "coin": 1.5, "dagger": 3.0, "earring": 1.0}
PLAIN = None | str | int | list[str] | Exception
"""What a record or a receipt may be here."""
SHAPES = {
    "": "FLDD",
    "only-one-record": "F",
    "all-fail-at-one-instant": "FFF",
    "two-fail-at-one-instant": "DFSFL",
    "saved-at-that-instant": "SFSL",
    "many": "L" * 60 + "FFS" + "D" * 3,
    "the-same-record-twice": "LFL",
    "it-answers": "AFL",
}
"""What becomes of each record: at the first instant its save fails (F) or ends (S); or it lasts, and when it
is cancelled its discard goes well (L) or fails (D), the save takes a while to stop (W), or answers (A)."""
HOW_IT_STOPS = {"W": "", "A": "answers"}


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(max(DEMO.values()))


class Archive:
    """What one call is given to save, and what must be seen of it."""

    def __init__(self, run, count=3, *, shape="", longest_ms=2000, mark="", records=None):
        self.run, self.mark = run, mark
        self.records = records or run.names("record", len(shape) or run.amount(count))
        self.shape = shape or "S" * len(self.records)
        self.receipts = [run.value() for _ in self.records]
        if run.has("value"):
            self.records[1] = self.receipts[1]
        if run.variant == "the-same-record-twice":
            self.records[-1] = self.records[0]
        if run.has("amount", "twice"):
            self.receipts[-1] = self.receipts[0]
        count = len(self.records)
        self.saves_ms = run.lengths_ms(count, high=longest_ms)
        if shape:
            first_ms = min(self.saves_ms)
            self.saves_ms = [
                first_ms if fate in "FS" else length_ms + 100
                for fate, length_ms in zip(shape, self.saves_ms, strict=True)
            ]
        self.discards_ms = run.lengths_ms(count, high=longest_ms)
        self.errors = []

    def number_of(self, record):
        number = next((n for n, each in enumerate(self.records) if same(each, record)), None)
        text = f"A save or a discard was asked for {record!r:.100}, which is no record of this call."
        check(number is not None, text)
        return number

    async def save(self, record: PLAIN):
        number = self.number_of(record)
        fate = self.shape[number]
        error = self.some_error("cannot be saved") if fate == "F" else None
        stops = HOW_IT_STOPS.get(fate)
        return await self.step("save", number, self.saves_ms, self.receipts[number], error, stops=stops)

    async def discard(self, record: PLAIN):
        number = self.number_of(record)
        error = self.some_error("cannot be discarded") if self.shape[number] == "D" else None
        await self.step("discard", number, self.discards_ms, None, error, is_protected=True)

    def some_error(self, text):
        kind = self.run.rng.choice((ValueError, OSError, LookupError, TimeoutError))
        return kind(f"it {text} ({self.run.rng.randrange(10**6)})")

    async def step(self, kind, number, lengths_ms, gives, error, **more):
        label = f"{kind} {number + 1}{self.mark}"
        try:
            return await self.run.step(
                label, lengths_ms[number], gives, (self, kind, number), raises=error, **more
            )
        except Exception as raised:
            self.errors.append(raised)
            raise

    def steps(self, kind):
        return [step for step in self.run.steps if step.given[0] is self and step.given[1] == kind]

    # -- what must be seen ------------------------------------------------------------------------
    def save_all(self):
        return self.run.call("save_all", self.records, self.save, self.discard)

    async def assert_right(self, call):
        """It returned all receipts, or stopped at the first failure; neither too early nor too late."""
        outcome = await self.run.outcome(call)
        self.run.assert_no_mistake(outcome)
        check(outcome.kind != "cancelled", "`save_all` ended as if it had been cancelled.")
        self.assert_nothing_is_left(outcome.at_ns)
        self.assert_begun()
        failed_ns = [s.ended_ns for s in self.steps("save") if s.end == "failed" and s.cancelled_ns is None]
        if failed_ns:
            self.assert_stopped(min(failed_ns))
            self.assert_told(outcome)
        else:
            if outcome.error is not None:
                raise outcome.error
            assert_equal(outcome.value, self.receipts, "The receipts")
        self.assert_discarded()
        self.assert_ended(outcome.at_ns)

    def assert_nothing_is_left(self, at_ns):
        self.run.assert_protected()
        steps = [*self.steps("save"), *self.steps("discard")]
        left = [step.participant for step in steps if step.ended_ns is None or step.ended_ns > at_ns]
        text = f"{left[0] if left else ''} was still under way when `save_all` had ended."
        check(not left, text, Verdict.LEAKED)

    def assert_begun(self):
        """All at once; a failure without any wait may keep others from beginning."""
        saves = self.steps("save")
        late = [step.participant for step in saves if is_off(step.began_ns, 0)]
        check(not late, f"{', '.join(late[:5])} did not begin at once.", Verdict.NOT_CONCURRENT)
        begun = Counter(step.given[2] for step in saves)
        due = Counter(map(self.number_of, self.records))
        too_many = [number + 1 for number in begun if begun[number] > due[number]]
        check(not too_many, f"Record {too_many[:1]} was saved more than once.")
        if not self.run.has("fail", "at-once"):
            missing = (due - begun).total()
            check(not missing, f"{missing} of {len(self.records)} saves were never begun.")

    def assert_stopped(self, first_ns):
        """At the instant of the first failure whatever is under way is cancelled."""
        for step in self.steps("save"):
            seen_ns = step.ended_ns if step.cancelled_ns is None else step.cancelled_ns
            went_on = step.cancelled_ns is None and (seen_ns is None or seen_ns > first_ns)
            check(not went_on, f"{step.participant} went on after the first failure.")
            if step.cancelled_ns is not None:
                text = f"{step.participant} should be cancelled at {show_ns(first_ns)}, with the failure;"
                check(not is_off(seen_ns, first_ns), f"{text} it was at {show_ns(seen_ns)}.")

    def assert_discarded(self):
        """Exactly what was cancelled half-way, each when it had stopped."""
        due = sorted((s.given[2], s.ended_ns or 0) for s in self.steps("save") if s.end == "was cancelled")
        seen = sorted((s.given[2], s.began_ns) for s in self.steps("discard"))
        numbers = [[number + 1 for number, _ in each] for each in (seen, due)]
        assert_equal(*numbers, "The numbers of the records that were discarded")
        for (number, began_ns), (_, due_ns) in zip(seen, due, strict=True):
            text = f"Discard {number + 1} should begin at {show_ns(due_ns)}, when its save has stopped; it"
            is_wrong = is_off(began_ns, due_ns)
            check(not is_wrong, f"{text} began at {show_ns(began_ns)}.", Verdict.NOT_CONCURRENT)

    def assert_told(self, outcome):
        """A group of every error, and of nothing else."""
        due = ", ".join(sorted(map(describe, self.errors))[:5])
        how = "returned" if outcome.error is None else f"raised {describe(outcome.error)}"
        text = f"It should raise an ExceptionGroup of [{due}], but it {how}."
        check(isinstance(outcome.error, BaseExceptionGroup), text)
        told = sorted(map(describe, outcome.error.exceptions))
        check(told == sorted(map(describe, self.errors)), text)

    def assert_ended(self, at_ns):
        steps = [*self.steps("save"), *self.steps("discard")]
        last_ns = max((step.ended_ns or 0 for step in steps), default=0)
        verdict = Verdict.NOT_CONCURRENT if at_ns > last_ns else Verdict.LEAKED
        text = f"It should end at {show_ns(last_ns)}, with the last save or discard; it ended at"
        check(not is_off(at_ns, last_ns), f"{text} {show_ns(at_ns)}.", verdict)


async def save_all(run, count=3, **options):
    archive = Archive(run, count, **options)
    async with run.kata.heartbeat():
        await archive.assert_right(archive.save_all())


# -- stage 1: they overlap -------------------------------------------------------------------------
@points(2)
@sweep(amount("1", "12", "300"))
async def test_saves_overlap(run):
    """All saves are under way together, and take as long as the slowest."""
    await save_all(run)


@sweep(amount("0", "twice"), value("None", "0", "empty", "list", "error"))
async def test_receipts_in_order(run):
    """The receipts come in the order of the records, however long a save takes."""
    await save_all(run, longest_ms=round(long_s(200, real_s=4) * 1000))


# -- stage 2: the first failure stops the rest -----------------------------------------------------
@stage(2)
@points(2)
@sweep(fail("OSError", "TimeoutError", "Stranger", "at-once"))
async def test_first_failure_stops_the_rest(run):
    """The first failure cancels all other saves at that instant, and their records are discarded."""
    await save_all(run)


@stage(2)
@sweep(only(*[shape for shape in SHAPES if shape and shape != "it-answers"]))
async def test_every_cause_is_told(run):
    """The group holds every cause: failures of one instant, and discards that fail in turn."""
    await save_all(run, shape=SHAPES[run.variant], longest_ms=round(long_s(200, real_s=4) * 1000))


# -- stage 3: the fine print -----------------------------------------------------------------------
@stage(3)
@sweep(only("it-answers"))
async def test_a_save_that_takes_a_while_to_stop(run):
    """A save that takes a while to stop is waited for; only if it was cancelled is its record discarded."""
    await save_all(run, shape=SHAPES[run.variant] if run.variant else "WFLW")


@stage(3)
@sweep(fail("OSError", "TimeoutError", "Stranger"), cancel(), slow("", "answers"), value("None", "error"))
async def test_one_save_alone(run):
    """One save alone gives its receipt, its own error, or, cancelled, discards and is cancelled."""
    archive = Archive(run, 2)
    [_, record], [_, receipt] = archive.records, archive.receipts
    call = run.call("save_one", record, archive.save, archive.discard)
    async with run.kata.heartbeat():
        if run.has("fail"):
            outcome = await run.outcome(call)
            run.assert_raised(outcome, run.error)
        else:
            await run.returns(call, receipt, took_ns=milliseconds(archive.saves_ms[1]), what="The receipt")
    is_at_the_end = run.has("cancel", "", "turn") and run.is_last_event()
    if not is_at_the_end:
        archive.assert_discarded()


@stage(3)
@sweep(again("row", "loop"))
async def test_calls_know_nothing_of_each_other(run):
    """A call that fails does nothing to another, which saves the same records."""
    failing = Archive(run, shape="LFD", mark=" of the first call")
    other = Archive(run, mark=" of the second call", records=failing.records)
    async with run.kata.heartbeat():
        calls = [(archive, archive.save_all()) for archive in (failing, other)]
        for archive, call in calls:
            await archive.assert_right(call)

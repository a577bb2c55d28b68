"""Kata 13: a commit that no cancellation cuts, and a cancellation that is honoured afterwards."""

import asyncio
from functools import partial

from grader.testing import (
    Verdict,
    assert_equal,
    assert_took,
    blocking,
    check,
    clear_of,
    explore,
    forgiven,
    is_late,
    is_off,
    leave_out_unless_exact,
    long_s,
    points,
    seconds,
    show_ns,
    slack_us,
)

DEMO_S = (0.5, 2.0, 1.0)
ERRORS = (ValueError, OSError, LookupError, ArithmeticError)
STEPS = ("check", "commit", "notify")


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(sum(DEMO_S))


# -- the bank --------------------------------------------------------------------------------------
class Bank:
    """One order and its three steps. Notes what is asked of it, and when: that is the evidence."""

    def __init__(self, clock, rng, *, order=None, failing=None, lengths_us=None):
        self.clock = clock
        self.order = order or f"order {rng.randrange(10**9)}"
        self.approval, self.receipt = (f"{what} {rng.randrange(10**9)}" for what in ("approval", "receipt"))
        self.other_receipt = f"another {self.receipt}"
        self.lengths_us = lengths_us or [rng.randint(100_000, 2_000_000) for _ in STEPS]
        self.failing = failing
        self.error = rng.choice(ERRORS)(f"{failing} has failed ({rng.randrange(10**6)})")
        self.log = []
        self.opened_ns = clock.now_ns
        self.call = None
        self.cancelled_as = None
        self.wrong_arguments = None

    def start(self, kata):
        self.opened_ns = self.clock.now_ns
        self.call = kata.call("transfer", *self.arguments)
        return self.call

    @property
    def arguments(self):
        return self.order, self.check, self.commit, self.notify

    async def check(self, *args: str | None):
        return await self.step("check", args, (self.order,), self.approval)

    async def commit(self, *args: str | None):
        again = any(step == "commit" for step, _, _ in self.log)
        receipt = self.other_receipt if again else self.receipt
        return await self.step("commit", args, (self.order, self.approval), receipt)

    async def notify(self, *args: str | None):
        return await self.step("notify", args, (self.receipt,), None)

    async def step(self, name, args, expected, result):
        self.note(name, "begins")
        if args != expected and self.wrong_arguments is None:
            self.wrong_arguments = (args, expected, f"The arguments of `{name}`")
        if (name, "begins") == self.cancelled_as:
            self.call.cancel()
        try:
            await asyncio.sleep(self.lengths_us[STEPS.index(name)] / 1e6)
        except asyncio.CancelledError:
            self.note(name, "is cancelled")
            raise
        if (name, "ends") == self.cancelled_as:
            self.call.cancel()
        if (name, "has ended") == self.cancelled_as:
            # The answer is on its way to the guest before this is, at the same instant.
            asyncio.get_running_loop().call_soon(self.call.cancel)
        self.note(name, "fails" if name == self.failing else "ends")
        if name == self.failing:
            raise self.error
        return result

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    def note(self, step, what):
        self.log.append((step, what, self.now_ns()))

    def due_ns(self, step):
        """When that step ends if all goes well."""
        return sum(self.lengths_us[: STEPS.index(step) + 1]) * 1000

    def expected_log(self, cancelled_ns=None):
        """What should happen if it is cancelled at that instant, and never at that of a step's end."""
        log, now_ns = [], 0
        for step in STEPS:
            end_ns = self.due_ns(step)
            log.append((step, "begins", now_ns))
            if cancelled_ns is not None and step != "commit" and cancelled_ns < end_ns:
                return [*log, (step, "is cancelled", cancelled_ns)]
            log.append((step, "fails" if step == self.failing else "ends", end_ns))
            if step == self.failing or (cancelled_ns is not None and cancelled_ns < end_ns):
                return log
            now_ns = end_ns
        return log


def in_words(log):
    return ", ".join(f"{step} {what} at {show_ns(ns)}" for step, what, ns in log)


async def ended(bank):
    """Wait for the call to end, and see that nothing goes on after it."""
    await asyncio.wait([bank.call])
    ended_ns = bank.now_ns()
    if bank.wrong_arguments is not None:
        assert_equal(*bank.wrong_arguments)
    begun = sum(what == "begins" for _, what, _ in bank.log)
    check(begun * 2 == len(bank.log), "A step was still under way when `transfer` had ended.", Verdict.LEAKED)
    await asyncio.sleep(long_s(60))
    seen = sum(what == "begins" for _, what, _ in bank.log)
    check(seen == begun, "A step began after `transfer` had ended.", Verdict.LEAKED)
    return ended_ns


def assert_log(bank, cancelled_ns=None):
    expected = bank.expected_log(cancelled_ns)
    what = "What happens" if cancelled_ns is None else f"Cancelled at {show_ns(cancelled_ns)}, what happens"
    text = f"{what} should be: {in_words(expected)}. But it was: {in_words(bank.log)}."
    instants_ns = forgiven([ns for _, _, ns in bank.log], [ns for _, _, ns in expected])
    log = [(step, what, ns) for (step, what, _), ns in zip(bank.log, instants_ns, strict=True)]
    check(log == expected, text)


def assert_ended_at(bank, ended_ns):
    last_ns = bank.log[-1][2]
    late_ns = ended_ns - last_ns
    text = f"`transfer` ended {show_ns(late_ns)} after its last step had."
    check(not is_off(ended_ns, last_ns), text, Verdict.NOT_CONCURRENT)


def outcome(call):
    """How a call ended, in words that can be compared."""
    if call.cancelled():
        return "cancelled"
    error = call.exception()
    if error is None:
        return f"returned {call.result()!r}"
    if not hasattr(error, "guest_record"):
        raise error
    return f"raised {type(error).__name__}: {error}"


def raised(error):
    return f"raised {type(error).__name__}: {error}"


async def assert_cancelled(bank, cancelled_ns):
    """It has been cancelled at that instant, and everything happened as it should."""
    ended_ns = await ended(bank)
    assert_log(bank, cancelled_ns)
    assert_equal(outcome(bank.call), "cancelled", "How `transfer` ended, having been cancelled,")
    assert_ended_at(bank, ended_ns)


async def cancel_at(bank, *instants_us):
    """Cancel the call at these instants, counted from its beginning, in order."""
    for at_us in instants_us:
        await asyncio.sleep((at_us * 1000 - bank.now_ns()) / 1e9)
        bank.call.cancel()


def during_commit_us(rng, bank):
    """Some instant in the midst of the commit."""
    first_us, commit_us, _ = bank.lengths_us
    end_us = first_us + commit_us
    return clear_of(partial(rng.randint, first_us + 1, end_us - 1), first_us, end_us)


def all_during_commit_us(rng, bank, count):
    """That many instants in the midst of the commit, in order; none that is too close to its ends."""
    first_us, commit_us, _ = bank.lengths_us
    parts_us = rng.sample(range(1, commit_us), count)
    margin_us = slack_us()
    clear = [part for part in parts_us if margin_us <= part <= commit_us - margin_us]
    if not clear:
        leave_out_unless_exact("it needs a longer commit")
    return sorted(first_us + part for part in clear)


class Bystander:
    """Waits for a few turns of the learner's loop, in which no time passes."""

    def __init__(self, kata, found):
        self.turn = asyncio.Event()
        # Any list that lives in the guest will do: it is sorted, and asks for its items' key.
        self.items = kata.keep("__dir__", (), {}, target=found)

    async def wait(self, turns):
        for _ in range(turns):
            self.turn.clear()
            self.items.sort(key=self.key).start()
            await self.turn.wait()

    @blocking
    async def key(self, item):
        self.turn.set()
        raise LookupError("once is enough")


# -- uncancelled -----------------------------------------------------------------------------------
async def test_transfer_is_made(kata, clock, rng):
    """The three steps are taken one after another, and the receipt is returned; the same order once more."""
    order = f"order {rng.randrange(10**9)}"
    for nothing in (False, True):
        bank = Bank(clock, rng, order=order)
        if nothing:
            bank.approval = bank.receipt = None
        bank.start(kata)
        ended_ns = await ended(bank)
        assert_equal(outcome(bank.call), f"returned {bank.receipt!r}", "How `transfer` ended")
        assert_log(bank)
        assert_ended_at(bank, ended_ns)
        assert_took(kata, bank.due_ns("notify"))


async def test_errors_come_out(kata, clock, rng):
    """The error of a step is raised as it is, and ends the transfer."""
    for failing in rng.sample(STEPS, 3):
        bank = Bank(clock, rng, failing=failing)
        bank.start(kata)
        ended_ns = await ended(bank)
        assert_equal(outcome(bank.call), raised(bank.error), "How `transfer` ended")
        assert_log(bank)
        assert_ended_at(bank, ended_ns)


async def test_a_hundred_at_once(kata, clock, rng):
    """A hundred transfers, some of one order, do not wait for one another; cancelling one harms no other."""
    orders = [f"order {rng.randrange(10**9)}" for _ in range(80)]
    banks = [Bank(clock, rng, order=order) for order in (*orders, *orders[:20])]
    for bank in banks:
        bank.start(kata)
    unlucky = rng.choice(banks[:20])
    at_us = during_commit_us(rng, unlucky)
    cancelling = asyncio.create_task(cancel_at(unlucky, at_us))
    ends_ns = await asyncio.gather(*map(ended, banks))
    await cancelling
    for bank, ended_ns in zip(banks, ends_ns, strict=True):
        stopped = bank is unlucky
        expected = bank.expected_log(at_us * 1000 if stopped else None)
        late = len(bank.log) == len(expected) and is_late(ended_ns, expected[-1][2])
        text = f"A transfer could be over after {show_ns(expected[-1][2])}; it took {show_ns(ended_ns)}."
        check(not late, text, Verdict.NOT_CONCURRENT)
        assert_log(bank, at_us * 1000 if stopped else None)
        how = "cancelled" if stopped else f"returned {bank.receipt!r}"
        assert_equal(outcome(bank.call), how, "How `transfer` ended")


async def test_loop_stays_free(kata, clock, rng):
    """The event loop is never blocked, not even while a cancelled transfer waits for its commit."""
    for cancelled in (False, True):
        bank = Bank(clock, rng, lengths_us=[rng.randint(100_000, 300_000) for _ in STEPS])
        async with kata.heartbeat():
            bank.start(kata)
            if cancelled:
                at_us = bank.lengths_us[0] + 5000
                await cancel_at(bank, at_us)
                await assert_cancelled(bank, at_us * 1000)
                continue
            await ended(bank)
            assert_equal(outcome(bank.call), f"returned {bank.receipt!r}", "How `transfer` ended")
            assert_log(bank)


# -- cancelled -------------------------------------------------------------------------------------
@points(2)
@explore(seeds=50)
async def test_cancelled_at_any_instant(kata, clock, rng):
    """Cancelled at any instant, it stops there, unless that is in the midst of the commit."""
    bank = Bank(clock, rng)
    first_us, commit_us, _ = bank.lengths_us
    end_us = sum(bank.lengths_us)

    def some_us():
        return rng.choice(
            (
                rng.randint(1, first_us - 1),
                first_us + 1,
                first_us + rng.randint(2, commit_us - 2),
                first_us + commit_us - 1,
                rng.randint(first_us + commit_us + 1, end_us - 1),
            )
        )

    at_us = clear_of(some_us, 0, first_us, first_us + commit_us, end_us)
    bank.start(kata)
    await cancel_at(bank, at_us)
    await assert_cancelled(bank, at_us * 1000)


async def test_first_and_last_instant(kata, clock, rng):
    """A cancellation is honoured also if it comes as the check ends, as the commit begins, or as it ends."""
    leave_out_unless_exact("it needs a cancellation at the very instant of something else")
    for step, when in (
        ("check", "ends"),
        ("check", "has ended"),
        ("commit", "begins"),
        ("commit", "ends"),
        ("commit", "has ended"),
    ):
        bank = Bank(clock, rng)
        bank.cancelled_as = (step, when)
        bank.start(kata)
        ended_ns = await ended(bank)
        due_ns = bank.due_ns("commit")
        at_once = [("notify", "begins", due_ns), ("notify", "is cancelled", due_ns)]
        if when == "has ended" and bank.log[4:] == at_once:
            del bank.log[4:]  # Begun and cancelled in one instant: nobody was notified.
        if step == "commit" or len(bank.log) > 2:  # As the check ends, the commit has begun, or never does.
            assert_log(bank, due_ns - 1)
        assert_equal(
            outcome(bank.call), "cancelled", f"How `transfer` ended, cancelled as its {step} {when},"
        )
        assert_ended_at(bank, ended_ns)


async def test_cancelled_again(kata, clock, rng):
    """However often it is cancelled, the commit is not disturbed, and not left alone."""
    for count in (2, 3, rng.randint(20, 40)):
        bank = Bank(clock, rng)
        instants_us = all_during_commit_us(rng, bank, count)
        bank.start(kata)
        await cancel_at(bank, *instants_us)
        await assert_cancelled(bank, instants_us[0] * 1000)


async def test_cancelled_again_at_once(kata, clock, rng):
    """A second cancellation may come at the same instant as the first, a little after it."""
    for turns in (0, 1, 2, 3, 5):
        bank = Bank(clock, rng)
        transfer = kata.keep("transfer", bank.arguments, {})
        bystander = Bystander(kata, transfer)
        bank.opened_ns = clock.now_ns
        bank.call = kata.post("__await__", (), {}, target=transfer)
        at_us = during_commit_us(rng, bank)
        await cancel_at(bank, at_us)
        await bystander.wait(turns)
        bank.call.cancel()
        await assert_cancelled(bank, at_us * 1000)


async def test_commit_fails_while_cancelled(kata, clock, rng):
    """That a commit has failed is told, cancelled or not."""
    for times in (1, 2, 3):
        bank = Bank(clock, rng, failing="commit")
        instants_us = all_during_commit_us(rng, bank, times)
        bank.start(kata)
        await cancel_at(bank, *instants_us)
        await assert_failed(bank)
    for when in ("begins", "ends", "has ended"):
        bank = Bank(clock, rng, failing="commit")
        bank.cancelled_as = ("commit", when)
        bank.start(kata)
        await assert_failed(bank)


async def assert_failed(bank):
    """Its commit has failed, and everything happened as it should."""
    ended_ns = await ended(bank)
    assert_log(bank)
    assert_equal(outcome(bank.call), raised(bank.error), "How `transfer` ended, its commit having failed,")
    assert_ended_at(bank, ended_ns)

"""Kata 13: a commit that no cancellation cuts, and a cancellation that is honoured afterwards.

Stage 1: transfers. Stage 2: errors. Stage 3: cancelled. Stage 4: cancelled at any moment, again and again.
Checks and notifications that ignore their cancellation are not swept.
"""

from grader.testing import assert_equal, check, points, seconds
from grader.testing.faults import MIDWAY, again, amount, cancel, caught, fail, only, slow, timeout, value
from grader.testing.sweep import stage, sweep

DEMO_S = (0.5, 2.0, 1.0)
STEPS = ("check", "commit", "notify")
PLAIN = None | str | int | list[str] | Exception
"""What an order, an approval or a receipt may be here."""


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(sum(DEMO_S))


class Bank:
    """One transfer: what its steps give, and what must be seen of them. `mark` tells several apart."""

    def __init__(self, run, order, failing="", mark=""):
        self.run, self.order, self.failing, self.mark = run, order, failing, mark
        self.approval, self.receipt = run.value(), run.value()
        if run.has("value"):
            self.order = self.approval = self.receipt
        self.lengths_ms = run.lengths_ms(3)
        kind = BaseException if run.has("cancel", "turn", "again") else OSError
        self.error = kind(f"the ink is dry ({run.rng.randrange(10**6)})")

    def step(self, name, number, gives, given):
        raises = self.error if name == self.failing else None
        takes_ms, is_protected = self.lengths_ms[number], name == "commit"
        label = f"{name}{self.mark}"
        return self.run.step(label, takes_ms, gives, given, raises=raises, is_protected=is_protected)

    async def check(self, order: PLAIN):
        return await self.step("check", 0, self.approval, [order])

    async def commit(self, order: PLAIN, approval: PLAIN):
        return await self.step("commit", 1, self.receipt, [order, approval])

    async def notify(self, receipt: PLAIN):
        await self.step("notify", 2, None, [receipt])

    def transfer(self):
        return self.run.call("transfer", self.order, self.check, self.commit, self.notify)

    @property
    def steps(self):
        names = [f"{name}{self.mark}" for name in STEPS]
        return [step for step in self.run.steps if step.participant in names]

    def assert_was(self, call, outcome):
        """Each step once, after the one before and without a pause; each was given what it should."""
        self.run.assert_protected()
        steps = self.steps
        names, due = [step.participant for step in steps], [f"{n}{self.mark}" for n in self.due_names()]
        check(names == due, f"The steps should be {', '.join(due)}; they were {', '.join(names) or 'none'}.")
        began_ns = call.started_ns - self.run.began_ns
        self.run.assert_in_a_row(outcome.at_ns + began_ns, steps=steps, began_ns=began_ns)
        given = [[self.order], [self.order, self.approval], [self.receipt]]
        for step, arguments in zip(steps, given, strict=False):
            assert_equal(step.given, arguments, f"What `{step.participant}` is given")

    def due_names(self):
        """The steps up to the one in which it failed or was cancelled.

        At the very instant of a cancellation the next one may have begun, or not.
        """
        for number, step in enumerate(self.steps[:2], start=1):
            ended_ns = step.ended_ns or 0
            stop_ns = ended_ns + 1 if self.run.stopped_ns is None else self.run.stopped_ns
            is_last = stop_ns == ended_ns and len(self.steps) == number
            if step.end == "failed" or stop_ns < ended_ns or is_last:
                return STEPS[:number]
        return STEPS

    def has_failed(self):
        return any(step.end == "failed" and step.cancelled_ns is None for step in self.steps)


async def one_transfer(run, failing=""):
    bank = Bank(run, run.names("order", 1)[0], failing)
    call = bank.transfer()
    async with run.kata.heartbeat():
        outcome = await run.outcome(call)
        run.assert_no_mistake(outcome)
        run.assert_over()
        bank.assert_was(call, outcome)
    if bank.has_failed():
        run.assert_raised(outcome, run.error or bank.error)
        return
    if run.has("cancel", "", "turn"):
        run.assert_cancelled(outcome)
    await run.returns(call, bank.receipt, what="The receipt")


@points(2)
@sweep(value("None", "0", "empty", "list", "error"), again())
async def test_a_transfer_is_made(run):
    """The three steps are taken one after another, and the receipt is returned."""
    await one_transfer(run)


@sweep(amount("1", "100"), only("once-more"))
async def test_many_transfers(run):
    """Transfers of the same order are transfers of their own, at once or one after another."""
    [order] = run.names("order", 1)
    for turn in range(2 if run.variant else 1):
        banks = [Bank(run, order, mark=f" {turn}.{number}") for number in range(run.amount(3))]
        calls = [(bank, bank.transfer()) for bank in banks]
        for bank, call in calls:
            outcome = await run.outcome(call)
            run.assert_no_mistake(outcome)
            bank.assert_was(call, outcome)
            assert_equal(outcome.value, bank.receipt, "The receipt")


@stage(2)
@points(2)
@sweep(fail("OSError", "TimeoutError", "BaseException", "at-once"))
async def test_errors_come_out(run):
    """The error of a step is raised as it is, and ends the transfer."""
    await one_transfer(run)


@stage(3)
@points(3)
@sweep(cancel())
async def test_cancelled(run):
    """Cancelled at any instant it ends there, but not before the end of a commit."""
    await one_transfer(run)


@stage(3)
@sweep(slow("", "fails", "twice"))
async def test_a_step_that_takes_a_while_to_stop(run):
    """It waits for the end of a step that it has cancelled."""
    await one_transfer(run)


@stage(3)
@sweep(timeout(), caught())
async def test_the_caller_counts_cancellations(run):
    """A caller's time-out remains one, and `Task.cancelling()` is what it was."""
    await one_transfer(run)


@stage(4)
@points(2)
@sweep(cancel("again", "often", "chased", "2-turns", "3-turns"))
async def test_cancelled_again(run):
    """However often it is cancelled, the commit is not disturbed, and not left alone."""
    await one_transfer(run)


@stage(4)
@points(2)
@sweep(cancel("", "turn", "2-turns", MIDWAY, "again", "chased"))
async def test_commit_fails_while_cancelled(run):
    """That a commit has failed is told, cancelled or not."""
    await one_transfer(run, "commit")


@stage(4)
@sweep(again("beside"))
async def test_the_others_go_on(run):
    """Cancelling one transfer does nothing to another."""
    await one_transfer(run)

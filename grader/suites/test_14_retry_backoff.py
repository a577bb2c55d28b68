"""Kata 14: attempts with exact pauses between them, and a deadline for the whole.

Stage 1: one letter. Stage 2: the deadline. Stage 3: all letters. Stage 4: cancelled. Nothing ends at the very
instant of the deadline; attempts that go on in spite of their cancellation are not swept.
"""

from typing import NamedTuple

from grader.testing import assert_equal, check, is_off, milliseconds, points, seconds, show_ns
from grader.testing.faults import again, amount, cancel, caught, fail, limit, only, slow, timeout, value
from grader.testing.sweep import stage, sweep

DEMO = {"invoice": 2, "postcard": 0, "summons": 1, "telegram": 3}
RETRYABLE = (
    ConnectionRefusedError,
    TimeoutError,
    ConnectionResetError,
    ConnectionError,
    BrokenPipeError,
    ConnectionAbortedError,
)
LONG_S = 10_000.0
"""A time limit that is never reached."""


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    return seconds(
        max(
            0.5 * (closed + 1) + sum(2**n for n in range(closed)) + closed * len(letter) / 100
            for letter, closed in DEMO.items()
        )
    )


class GaveUp(Exception):
    """As the learner's own, for comparison."""


class Due(NamedTuple):
    """What should become of a letter: when its attempts begin, and how and when it ends."""

    begins_ns: list[int]
    end_ns: int
    value: object
    error: BaseException | None

    def in_report(self):
        return self.value if self.error is None else f"{type(self.error).__name__}: {self.error}"


class Letter:
    """A letter that so many attempts fail to send; then there is a receipt, or an error that is final."""

    def __init__(self, run, name, closed, final=None, mark="", longest_ms=800):
        self.run, self.name, self.closed, self.mark = run, name, closed, mark
        self.final = None if final is None else final(f"no stamp ({run.rng.randrange(10**6)})")
        self.receipt = run.value()
        self.errors = [RETRYABLE[n % 6](f"closed ({run.rng.randrange(10**6)})") for n in range(closed)]
        self.lengths_ms = run.lengths_ms(closed + 1, high=longest_ms)
        self.jitters_ms = [run.length_ms(50, 900) for _ in range(closed + 1)]
        self.steps, self.jitters_asked = [], []

    async def send(self, letter: str):
        number = len(self.steps)
        check(letter == self.name, f"`send` should be given {self.name}, but it was given {letter}.")
        check(number <= self.closed, "It was sent once more after the last attempt.")
        self.steps.append(len(self.run.steps))
        raises = self.errors[number] if number < self.closed else self.final
        label = f"attempt {number + 1}{self.mark}"
        return await self.run.step(label, self.lengths_ms[number], self.receipt, letter, raises=raises)

    def jitter(self, letter: str, attempt: int):
        check(letter == self.name, f"`jitter` should be given {self.name}, but it was given {letter}.")
        check(attempt not in self.jitters_asked, f"`jitter` was asked twice for attempt {attempt}.")
        check(1 <= attempt <= len(self.jitters_ms), f"`jitter` was asked for attempt {attempt}.")
        self.jitters_asked.append(attempt)
        return self.jitters_ms[attempt - 1] / 1000

    def error_of(self, number):
        """What that attempt raised, or would have."""
        seen = [self.run.steps[index] for index in self.steps]
        if number < len(seen) and seen[number].error is not None:
            return seen[number].error
        return self.errors[number] if number < self.closed else self.final

    def due(self, within_s):
        """What should become of it if nobody cancels it."""
        within_ns, begins_ns = round(within_s * 1e9), [0]
        for number in range(self.closed + 1):
            end_ns = begins_ns[-1] + milliseconds(self.lengths_ms[number])
            gave_up = GaveUp(f"{self.name}: {number + 1} attempts")
            error = self.error_of(number)
            if end_ns > within_ns:
                return Due(begins_ns, within_ns, None, gave_up)
            if not isinstance(error, RETRYABLE):
                return Due(begins_ns, end_ns, self.receipt, error)
            pause_ns = seconds(min(2**number, 16)) + milliseconds(self.jitters_ms[number])
            if end_ns + pause_ns > within_ns:
                return Due(begins_ns, end_ns, None, gave_up)
            begins_ns.append(end_ns + pause_ns)
        raise AssertionError("the last attempt is not retryable")

    def assert_attempts(self, due, within_s, began_ns=0):
        """Each began at its instant, up to a cancellation; one under way at the deadline was cut there."""
        run, steps = self.run, [self.run.steps[index] for index in self.steps]
        stop_ns = 10**18 if run.stopped_ns is None else run.stopped_ns
        least, most = (sum(at <= stop_ns - off for at in due.begins_ns) for off in (1, 0))
        count = len(steps)
        text = f"There should be {most} attempts to send {self.name}, but there were {count}."
        check(least <= count <= most, text)
        for step, at_ns in zip(steps, due.begins_ns, strict=False):
            run.assert_on_time(step.began_ns - began_ns, at_ns, f"{step.participant} should begin")
        within_ns = round(within_s * 1e9)
        if due.end_ns == within_ns < stop_ns:
            cut_ns = None if steps[-1].cancelled_ns is None else steps[-1].cancelled_ns - began_ns
            when = "was not" if cut_ns is None else f"was at {show_ns(cut_ns)}"
            text = f"{steps[-1].participant} should be cancelled at {show_ns(within_ns)}, but it {when}."
            check(cut_ns is not None and not is_off(cut_ns, within_ns), text)

    def end_ns(self, due):
        """When it ends: an attempt that is cut may take a while to stop."""
        return max(due.end_ns, *(self.run.steps[index].ended_ns or 0 for index in self.steps), 0)


# -- one letter ------------------------------------------------------------------------------------
async def one_letter(run, closed=3, is_cut=False):
    """A letter in `send_one`; `is_cut`: its second attempt is under way at the deadline."""
    letter = Letter(run, run.names("letter", 1)[0], closed, longest_ms=3000)
    second_ms = letter.lengths_ms[0] + 1000 + letter.jitters_ms[0]
    within_s = (second_ms + letter.lengths_ms[1] / 2) / 1000 if is_cut else run.limit_s(LONG_S)
    call = run.call("send_one", letter.name, letter.send, letter.jitter, within_s)
    async with run.kata.heartbeat():
        outcome = await run.outcome(call)
        if type(outcome.error).__name__ not in ("GaveUp", "TimeoutError"):
            run.assert_no_mistake(outcome)
        run.assert_over()
        due = letter.due(within_s)
        letter.assert_attempts(due, within_s)
    if due.error is None:
        await run.returns(call, due.value, took_ns=due.end_ns, what="The receipt")
    else:
        await run.raises(call, due.error, at_ns=letter.end_ns(due))


@points(3)
@sweep(amount("0", "1", "7", "40"))
async def test_pauses_are_exact(run):
    """Each attempt begins at its instant, however long the one before took; pauses double up to a limit."""
    await one_letter(run, run.amount(3))


@sweep(value("None", "0", "empty", "error", "list"), again())
async def test_a_receipt_is_returned(run):
    """Whatever `send` gives is the receipt; calls know nothing of each other."""
    run.value()  # The second is the one that is unusual.
    await one_letter(run, 1)


@points(2)
@sweep(fail("OSError", "LookupError", "RuntimeError", "BaseException"))
async def test_only_some_errors_are_retried(run):
    """Every connection error and time-out is retried; any other error is raised at once."""
    await one_letter(run, 2)


@stage(2)
@points(3)
@sweep(limit("before", "after"))
async def test_the_deadline(run):
    """An attempt is cancelled at the deadline; a pause that would go beyond it is not begun."""
    await one_letter(run, 3)


@stage(2)
@sweep(limit("slow"))
async def test_an_attempt_that_takes_a_while_to_stop(run):
    """It waits for the end of an attempt that it has cut."""
    await one_letter(run, 2)


# -- all letters -----------------------------------------------------------------------------------
WITHIN_S = 12.0
"""In this time, a letter that is never taken is given up."""
KINDS = ((2, None), (1, None), (1, ValueError), (9, None))
"""How often the office is closed for a letter, and with which error that ends."""


class Sack:
    """Letters of every kind, sent by one call; `mark` tells several sacks apart."""

    def __init__(self, run, names, mark="", kinds=KINDS):
        self.run = run
        self.letters = {
            name: Letter(run, name, *kinds[number % len(kinds)], f" of letter {number + 1}{mark}")
            for number, name in enumerate(names)
        }

    async def send(self, letter: str):
        return await self.letters[letter].send(letter)

    def jitter(self, letter: str, attempt: int):
        return self.letters[letter].jitter(letter, attempt)

    def call(self):
        return self.run.call("send_all", list(self.letters), self.send, self.jitter, WITHIN_S)

    def assert_sent(self, call):
        """All attempts were made as they should be. Returns the report, and when it should be ready."""
        dues = {name: letter.due(WITHIN_S) for name, letter in self.letters.items()}
        began_ns = call.started_ns - self.run.began_ns
        for name, letter in self.letters.items():
            letter.assert_attempts(dues[name], WITHIN_S, began_ns)
        report = {name: due.in_report() for name, due in dues.items()}
        return report, max((due.end_ns for due in dues.values()), default=0)


async def one_sack(run, count=4, kinds=KINDS):
    sack = Sack(run, run.names("letter", run.amount(count)), kinds=kinds)
    call = sack.call()
    async with run.kata.heartbeat():
        outcome = await run.outcome(call)
        if outcome.error is not None and not run.has("timeout") and not run.has("slow", "fails"):
            raise outcome.error
        run.assert_over()
        report, end_ns = sack.assert_sent(call)
    await run.returns(call, report, took_ns=end_ns, what="The report")
    if outcome.kind == "returned":
        assert_equal(list(outcome.value), list(report), "The order of the report")


@stage(3)
@points(2)
@sweep(amount("0", "1", "100"), value("None", "0", "empty", "error"))
async def test_the_report(run):
    """All letters are sent at once, and the report has every one in order, with its receipt or its error."""
    await one_sack(run)


@stage(3)
@sweep(fail("OSError", "Stranger", "LookupError", "EOFError"))
async def test_an_error_is_a_letters_own_affair(run):
    """Whatever error a letter ends with, the others are sent."""
    await one_sack(run)


@stage(3)
@sweep(only("once-more"), again("row", "loop"))
async def test_several_sacks(run):
    """Letters of the same names are sent as if there were no other, at once or one after another."""
    names = run.names("letter", 2)
    for turn in range(2 if run.variant else 1):
        sacks = [Sack(run, names, f" of sack {turn}.{number}", [(2, None), (1, None)]) for number in range(2)]
        calls = [(sack, sack.call()) for sack in sacks]
        for sack, call in calls:
            outcome = await run.outcome(call)
            if outcome.error is not None:
                raise outcome.error
            report, end_ns = sack.assert_sent(call)
            assert_equal(outcome.value, report, "The report")
            run.assert_on_time(call.ended_ns - call.started_ns, end_ns, "`send_all` should end")


# -- cancelled -------------------------------------------------------------------------------------
@stage(4)
@points(3)
@sweep(cancel("", "turn", "2-turns", "3-turns", "midway", "eve"), slow("", "fails", "twice"))
async def test_a_cancelled_letter(run):
    """Cancelled in an attempt or in a pause, it ends at that instant, and is not tried again."""
    await one_letter(run, 2)


@stage(4)
@points(2)
@sweep(cancel())
async def test_a_cancelled_sack(run):
    """Cancelled, all of it ends at that instant, and the cancellation goes on."""
    await one_sack(run, 2, [(1, None), (1, ValueError)])


@stage(4)
@sweep(slow("all", "all-twice"))
async def test_a_cancelled_sack_that_takes_a_while_to_stop(run):
    """Cancelled, it waits for the end of attempts that take a while to stop."""
    await one_sack(run, 2, [(0, None)])


@stage(4)
@sweep(timeout(), caught())
async def test_the_caller_counts_cancellations(run):
    """A caller's time-out is not the deadline, and `Task.cancelling()` is what it was."""
    await one_letter(run, 2, is_cut=True)


@stage(4)
@sweep(again("beside"))
async def test_the_others_go_on(run):
    """The end of one call does nothing to another."""
    await one_sack(run, 2, [(1, None), (2, None)])

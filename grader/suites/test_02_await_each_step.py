"""Kata 02: an article's way through the newsroom, where each step needs what the one before gave.

Stage 1: each step in its turn. Stage 2: many articles. Stage 3: errors. Cancellation is not taught yet.
"""

import asyncio

from grader.testing import assert_equal, assert_took, check, points, seconds
from grader.testing.faults import again, amount, fail, only, value
from grader.testing.sweep import stage, sweep

ARTICLES = 40
"""More than there can be threads (see kata.toml): a thread for each article is not the answer."""
PRINTED = "Out now: article 121.\nPublished as number 121.\n"
VERDICTS = {"none-or-one": (None, 1), "zero-or-text": (0, "yes"), "empty-or-list": ("", ["fine"])}
"""What `is_clean` gives, by variant: for a text with mistakes, and for a clean one."""
PLAIN = None | str | int | list[str] | Exception
"""What a text or a number may be here."""


async def demo(net, rng):
    """The stub brings its own newsroom; returns the best possible time in nanoseconds."""
    proofread, corrected, stored, announced = 3, 2, 1, 1
    return seconds(0.5 * proofread + 1 * corrected + 2 * stored + 1 * announced)


class Newsroom:
    """The four steps for one article: what they give, and what must be seen of them."""

    def __init__(self, run, mistakes, article="", text=None):
        self.run, self.article = run, article
        self.drafts = [run.value() for _ in range(mistakes + 1)]
        self.number = self.drafts[1] if run.has("value") else run.rng.randrange(10**6)
        if text is not None:
            self.drafts[0] = text
        if run.variant == "unchanged":
            self.drafts[1] = self.drafts[0]
        elif run.variant == "back-again":
            self.drafts[2] = self.drafts[0]
        way = [(name, draft) for draft in self.drafts for name in ("is_clean", "correct")]
        self.due = [*way[:-1], ("store", self.drafts[-1]), ("announce", self.number)]
        """All steps in order, with what each is given."""
        self.lengths_ms = run.lengths_ms(len(self.due), low=20)
        self.verdicts = VERDICTS.get(run.variant, (False, True))
        self.proofread = 0
        self.steps = []

    async def take(self, name, given, gives=None):
        taken = len(self.steps)
        check(taken < len(self.due), f"After the last step, {name} was called once more.")
        label = f"{self.article}{name} {taken + 1}"
        step = self.run.step(label, self.lengths_ms[taken], gives, given)
        self.steps.append((name, label))
        return await step

    async def is_clean(self, text: PLAIN):
        self.proofread += 1
        return await self.take("is_clean", text, self.verdicts[self.proofread >= len(self.drafts)])

    async def correct(self, text: PLAIN):
        return await self.take("correct", text, self.drafts[min(self.proofread, len(self.drafts) - 1)])

    async def store(self, text: PLAIN):
        return await self.take("store", text, self.number)

    async def announce(self, number: PLAIN):
        return await self.take("announce", number, f"readers {self.run.rng.randrange(10**6)}")

    def publish(self):
        given = {"text": self.drafts[0], "is_clean": self.is_clean, "correct": self.correct}
        given |= {"store": self.store, "announce": self.announce}
        if self.run.variant == "by-name":
            return self.run.call("publish", **given)
        return self.run.call("publish", *given.values())

    def assert_in_order(self, call, *, count=None):
        """So many of the steps that are due were taken, each at the end of the one before; then it ended."""
        labels = {label for _, label in self.steps}
        steps = [step for step in self.run.steps if step.participant in labels]
        due = self.due[:count]
        failed = [number for number, step in enumerate(steps, start=1) if step.end == "failed"]
        if failed:
            due = due[: failed[0]]
        assert_equal([name for name, _ in self.steps], [name for name, _ in due], "The steps taken")
        for step, (name, given) in zip(steps, due, strict=True):
            assert_equal(step.given, given, f"What {name} is given")
        began_ns = call.started_ns - self.run.began_ns
        self.run.assert_in_a_row(call.ended_ns - self.run.began_ns, steps=steps, began_ns=began_ns)


async def published(run, room, call, what="The article's number"):
    """Wait until it is published; see to every step, and to the number or the error that comes out."""
    run.assert_no_mistake(await run.outcome(call))
    room.assert_in_order(call)
    if run.has("fail"):
        await run.raises(call, run.error)
    else:
        await run.returns(call, room.number, what=what)


@points(3)
@sweep(
    amount("0", "1", "12"),
    value("None", "0", "empty", "list", "error"),
    only("unchanged", "back-again", *VERDICTS, "by-name"),
)
async def test_steps_come_in_order(run):
    """Every step is taken, in order and without a pause, with what the step before gave."""
    room = Newsroom(run, run.amount(2))
    await published(run, room, room.publish())


@sweep(amount("0", "1", "1000"), value("None", "empty"))
async def test_polish_gives_the_clean_text(run):
    """polish proofreads and corrects until the text is clean, and gives the clean text."""
    room = Newsroom(run, run.amount(2))
    call = run.call("polish", room.drafts[0], room.is_clean, room.correct)
    run.assert_no_mistake(await run.outcome(call))
    room.assert_in_order(call, count=-2)
    await run.returns(call, room.drafts[-1], what="The polished text")


@sweep(again("row"))
async def test_main_publishes_too(run):
    """main is a coroutine function, and prints the same two lines after the same time."""
    before = len(run.kata.printed)
    async with run.kata.heartbeat():
        outcome = await run.outcome(run.call("main"))
    run.assert_no_mistake(outcome)
    assert_equal("".join(text for _, text in run.kata.printed[before:]), PRINTED, "What main() prints")
    assert_took(run.kata, await demo(None, None))


@stage(2)
@points(2)
@sweep(only("the-same-text"))
async def test_articles_do_not_wait_for_each_other(run):
    """Forty articles are on their way at once, and the event loop stays free."""
    text = run.value() if run.variant else None
    rooms = [Newsroom(run, number % 4, f"article {number + 1}: ", text) for number in range(ARTICLES)]
    async with run.kata.heartbeat():
        calls = [room.publish() for room in rooms]
        await asyncio.wait(calls)
    for room, call in zip(rooms, calls, strict=True):
        await published(run, room, call)


@stage(2)
@sweep(again(), only("the-same-text"))
async def test_every_article_takes_every_step(run):
    """An article that is published again takes every step again."""
    first = Newsroom(run, 1, "first: ")
    await published(run, first, first.publish())
    second = Newsroom(run, 2, "second: ", first.drafts[0] if run.variant else None)
    await published(run, second, second.publish(), "The second article's number")


@stage(3)
@points(2)
@sweep(
    fail("OSError", "TimeoutError", "ValueError", "LookupError", "EOFError", "BaseException", "at-once"),
)
async def test_an_error_ends_it(run):
    """If a step raises, its error comes out at once, and no further step is taken."""
    room = Newsroom(run, 1)
    await published(run, room, room.publish())

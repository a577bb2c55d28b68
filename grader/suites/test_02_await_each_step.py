"""Kata 02: an article's way through the newsroom, where each step needs what the one before gave."""

import asyncio

from grader.testing import (
    Verdict,
    assert_at,
    assert_equal,
    assert_took,
    check,
    milliseconds,
    points,
    seconds,
)

ARTICLES = 40
"""More than there can be threads (see kata.toml): a thread for each article is not the answer."""
TOO_MANY_STEPS = 60
UNUSUAL = (BufferError, EOFError, IndexError, ZeroDivisionError)
"""What steps raise: errors that nobody would raise in place of another."""
PRINTED = "Out now: article 121.\nPublished as number 121.\n"


async def demo(net, rng):
    """The stub brings its own newsroom; returns the best possible time in nanoseconds."""
    proofread, corrected, stored, announced = 3, 2, 1, 1
    return seconds(0.5 * proofread + 1 * corrected + 2 * stored + 1 * announced)


class Newsroom:
    """The four steps for one article, on the judge's side: what they were given, and when."""

    def __init__(self, rng, clock, mistakes, *, failing=None, error=None):
        self.clock = clock
        self.drafts = [word(rng) for _ in range(mistakes + 1)]
        self.number = rng.randrange(10**6)
        self.lengths_ms = [rng.randint(20, 900) for _ in range(TOO_MANY_STEPS + 1)]
        self.failing, self.error = failing, error
        self.taken = []
        """(name of the step, what it was given), in the order in which they began."""
        self.began_ns, self.ended_ns = [], []

    @property
    def steps(self):
        return (self.is_clean, self.correct, self.store, self.announce)

    @property
    def expected(self):
        """The steps in order, with what each is given, up to the failing one if there is any."""
        way = [(step, draft) for draft in self.drafts for step in ("is_clean", "correct")]
        way[-1:] = [("store", self.drafts[-1]), ("announce", self.number)]
        names = [name for name, _ in way]
        return way if self.failing is None else way[: names.index(self.failing) + 1]

    @property
    def all_ns(self):
        """How long the expected steps take together."""
        return sum(map(milliseconds, self.lengths_ms[: len(self.expected)]))

    async def take(self, name, given):
        length_ms = self.lengths_ms[min(len(self.taken), TOO_MANY_STEPS)]
        self.taken.append((name, given))
        self.began_ns.append(self.clock.now_ns)
        await asyncio.sleep(length_ms / 1000)
        self.ended_ns.append(self.clock.now_ns)
        if name == self.failing:
            raise self.error

    async def is_clean(self, text: str):
        await self.take("is_clean", text)
        return text not in self.drafts[:-1] or len(self.taken) > TOO_MANY_STEPS

    async def correct(self, text: str):
        await self.take("correct", text)
        return self.drafts[self.drafts.index(text) + 1] if text in self.drafts[:-1] else text

    async def store(self, text: str):
        await self.take("store", text)
        return self.number

    async def announce(self, number: int):
        await self.take("announce", number)

    def assert_in_order(self, when=""):
        """The steps were the expected ones, one after another."""
        names = [name for name, _ in self.taken]
        assert_equal(names, [name for name, _ in self.expected], f"The steps taken{when}")
        for (name, given), (_, expected) in zip(self.taken, self.expected, strict=True):
            assert_equal(given, expected, f"What {name} is given")
        check(len(self.ended_ns) == len(names), "A step was still under way at the end.", Verdict.LEAKED)
        for name, began_ns, ended_ns in zip(names[1:], self.began_ns[1:], self.ended_ns[:-1], strict=True):
            check(began_ns >= ended_ns, f"{name} began before the step before it had ended.")

    async def publish(self, kata, when=""):
        """Have the article published; see that its number is right, and every step taken in its turn."""
        number = await kata.call("publish", self.drafts[0], *self.steps)
        self.assert_in_order(when)
        assert_equal(number, self.number, f"The article's number{when}")
        assert_took(kata, self.all_ns, why="Each step begins when the one before has ended.")


def some_mistakes(rng):
    """How many mistakes there are in an article."""
    return rng.randint(1, 5)


def word(rng):
    return "".join(rng.choice("abcdefghij") for _ in range(12))


async def test_gives_the_number(kata, rng, clock):
    """publish gives the number from the archive, polish the clean text."""
    for _ in range(2):
        room = Newsroom(rng, clock, some_mistakes(rng))
        number = await kata.call("publish", room.drafts[0], *room.steps)
        assert_equal(number, room.number, "The article's number")
    room = Newsroom(rng, clock, some_mistakes(rng))
    clean = await kata.call("polish", room.drafts[0], room.is_clean, room.correct)
    assert_equal(clean, room.drafts[-1], "The polished text")


@points(2)
async def test_steps_come_in_order(kata, rng, clock):
    """Every step is taken, in order, with what the step before gave."""
    room = Newsroom(rng, clock, some_mistakes(rng))
    await room.publish(kata)
    again = Newsroom(rng, clock, some_mistakes(rng))
    again.drafts[0] = room.drafts[0]
    await again.publish(kata, " for a text that is published for the second time")


async def test_waits_for_every_step(kata, rng, clock):
    """It takes as long as its steps together, and is over when the last one is."""
    room = Newsroom(rng, clock, some_mistakes(rng))
    number = await kata.call("publish", room.drafts[0], *room.steps)
    assert_took(kata, room.all_ns, why="Each step begins when the one before has ended.")
    assert_equal(number, room.number, "The article's number")
    room.assert_in_order()


async def test_a_clean_text_is_left_alone(kata, rng, clock):
    """A text without mistakes is not corrected."""
    await Newsroom(rng, clock, 0).publish(kata)


async def test_an_error_ends_it(kata, rng, clock):
    """If a step raises, its error comes out and no further step is taken."""
    kinds = list(UNUSUAL)
    rng.shuffle(kinds)
    for name, kind in zip(("is_clean", "correct", "store", "announce"), kinds, strict=True):
        error = kind(f"{name} broke down", word(rng))
        room = Newsroom(rng, clock, some_mistakes(rng), failing=name, error=error)
        try:
            number = await kata.call("publish", room.drafts[0], *room.steps)
        except kind as seen:
            check(repr(seen) == repr(error), f"{name} raised {error!r}, but what came out is {seen!r}.")
        else:
            check(False, f"When {name} raises, publish should raise that error, but it gave {number!r}.")
        assert_took(kata, room.all_ns, why="It is over when the step that raises is.")
        room.assert_in_order()


@points(2)
async def test_articles_do_not_wait_for_each_other(kata, rng, clock):
    """Forty articles are on their way at once, and the event loop stays free."""
    rooms = [Newsroom(rng, clock, rng.randint(0, 5)) for _ in range(ARTICLES)]
    async with kata.heartbeat():
        calls = [kata.call("publish", room.drafts[0], *room.steps) for room in rooms]
        numbers = await asyncio.gather(*calls)
    assert_equal(numbers, [room.number for room in rooms], "The articles' numbers")
    assert_at([call.ended_ns for call in calls], [room.all_ns for room in rooms], "The articles' ends")
    for room in rooms:
        room.assert_in_order()


async def test_main_publishes_too(kata):
    """main is a coroutine function, and prints the same two lines after the same time."""
    async with kata.heartbeat():
        await kata.call("main")
    assert_equal("".join(text for _, text in kata.printed), PRINTED, "What main() prints")
    assert_took(kata, await demo(None, None))

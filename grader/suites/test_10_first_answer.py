"""Kata 10: a race of mirrors, which the first good answer wins.

Stage 1: the first good answer. Stage 2: failures. Stage 3: cancelled.
"""

import asyncio

from grader.testing import (
    Verdict,
    assert_equal,
    check,
    clock_is_exact,
    is_off,
    milliseconds,
    points,
    seconds,
    show_ns,
)
from grader.testing.faults import again, amount, cancel, lose, network, only
from grader.testing.sweep import stage, sweep

PORT = 7000
LATENCY_MS = 20
TRIPS = 4
"""There and back to connect, there for the question, back for the answer."""
PLACES = ("archipelago", "atoll", "marsh", "mouth", "peninsula", "port", "passage")
"""They begin with a letter of `map `, which the sheet's name holds as well: the prefix alone is to go."""
APOLOGIES = {
    "mapless": "mapless today",
    "no-map": "no map today",
    "map": "map",
    "nothing": "",
    "upper": "MAP 7",
}
REASONS = {"half": "broke off", "hang-up": "broke off"}
"""Why a mirror that is lost in that way has failed; otherwise it cannot be reached."""
NO_CONNECTION = ("refused", "no-route", "timed-out", "no-name", "reset")
DEMO = {"north": 4.0, "south": 3.0, "east": 1.0, "west": 2.0}


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    for name, length_s in DEMO.items():

        def answer(sheet, name=name):
            has_it = sheet == "harbour 3" and name != "north"
            return f"map {sheet}, as {name} has it" if has_it else "sorry, lent out"

        await net.serve_lines(name, PORT, answer, takes_s=length_s)
    return seconds(DEMO["east"] + max(DEMO["north"], DEMO["south"]))


class Race:
    """A sheet, the mirrors that have it or not, and how the race among them should end."""

    def __init__(self, run, names, lengths_ms, *, good, latency_ms):
        """`good` are the numbers of the mirrors that have the sheet."""
        self.run, self.names, self.good, self.latency_ms = (
            run,
            names,
            set(good),
            latency_ms if clock_is_exact() else 0,
        )
        self.sheet = f"{run.rng.choice(PLACES)} map {run.rng.randrange(10**6)}"
        self.mirrors = list(dict.fromkeys(names))
        self.lengths_ms = lengths_ms
        self.apology = APOLOGIES.get(run.variant, f"sorry, torn ({run.rng.randrange(10**6)})")
        self.texts = [self.some_text() for _ in self.mirrors]

    def some_text(self):
        edition = f"{self.sheet}, edition {self.run.rng.randrange(10**6)}"
        special = {"empty": "", "long": edition * 900, "map-again": f"map {edition}"}
        return special.get(self.run.variant, edition)

    def label(self, number):
        return f"mirror {number + 1}"

    async def open(self):
        for number, (name, takes_ms) in enumerate(zip(self.mirrors, self.lengths_ms, strict=True)):

            def answer(question, number=number):
                if question != self.sheet:
                    return f"no sheet {question!r:.60}"
                return f"map {self.texts[number]}" if number in self.good else self.apology

            label = self.label(number)
            latency_ms = self.latency_ms
            await self.run.serve_lines(label, name, PORT, answer, takes_ms=takes_ms, latency_ms=latency_ms)

    def start(self):
        return self.run.call("fetch_sheet", self.sheet, self.names)

    def ends_ms(self, number):
        """When that mirror's answer is there; of one that cannot be reached, 0."""
        if self.run.lost(self.label(number)) in NO_CONNECTION:
            return 0
        return self.lengths_ms[number] + TRIPS * self.latency_ms

    def reason(self, number):
        lost = self.run.lost(self.label(number))
        how = REASONS.get(lost, "cannot be reached") if lost else f"says {self.apology}"
        return f"{self.mirrors[number]} {how}"

    def assert_was(self, outcome):
        """It returned the first good answer at that instant, or told all the reasons at the last failure."""
        good = [number for number in self.good if not self.run.lost(self.label(number))]
        if good:
            if outcome.error is not None:
                raise outcome.error
            due_ms = min(map(self.ends_ms, good))
            due = [self.texts[number] for number in good if self.ends_ms(number) == due_ms]
            others = [self.texts[number] for number in good]
            is_late = outcome.value in others and outcome.value not in due
            text = "It returned a good answer, but not the first one."
            check(not is_late, text, Verdict.NOT_CONCURRENT)
            assert_equal(outcome.value, outcome.value if outcome.value in due else due[0], "The sheet")
        else:
            due_ms = max(self.ends_ms(number) for number in range(len(self.mirrors)))
            self.assert_all_failed(outcome)
        due_ns = milliseconds(due_ms) + self.run.extra_ns
        if is_off(outcome.at_ns, due_ns):
            is_late = outcome.at_ns > due_ns
            text = f"It should end at {show_ns(due_ns)}, but it ended at {show_ns(outcome.at_ns)}."
            check(False, text, Verdict.NOT_CONCURRENT if is_late else Verdict.WRONG_ANSWER)

    def assert_all_failed(self, outcome):
        reasons = "; ".join(self.reason(self.mirrors.index(name)) for name in self.names)
        text = "All mirrors have failed, so it should raise NoMirrorError"
        check(outcome.error is not None, f"{text}, but it returned {outcome.value!r:.60}.")
        if type(outcome.error).__name__ != "NoMirrorError":
            raise outcome.error
        assert_equal(str(outcome.error), reasons, "The text of the NoMirrorError")

    def assert_asked(self, times=1):
        """Every mirror that can be asked was asked so many times as it is in the list, at one instant."""
        asked = [seen for seen in self.run.exchanges if seen.host in self.mirrors]
        due = [name for name in self.names if self.run.lost(f"mirror {self.mirrors.index(name) + 1}") == ""]
        seen = [one.host for one in asked if one.host in due]
        is_once = sorted(seen) == sorted(due * times)
        text = f"Every mirror should be asked once; {len(seen)} questions came, {len(due * times)} were due."
        check(is_once, text, Verdict.WRONG_ANSWER if len(seen) > len(due) else Verdict.NOT_CONCURRENT)
        starts = {one.start_ns for one in asked if one.host in due}
        together = times > 1 or not starts or not is_off(max(starts), min(starts))
        check(together, "The mirrors were not all asked at the same instant.", Verdict.NOT_CONCURRENT)


async def a_race(run, count=3, lengths_ms=None, *, good=None, latency_ms=LATENCY_MS):
    """A race among new mirrors, which are there; all of them have the sheet, or those that are `good`."""
    names = run.names("mirror", run.amount(count))
    if lengths_ms is None:
        slowly = 2000 if run.variant == "an-hour" else 1
        lengths_ms = [slowly * length_ms for length_ms in run.lengths_ms(len(set(names)), low=200)]
    race = Race(
        run, names, lengths_ms, good=range(len(names)) if good is None else good, latency_ms=latency_ms
    )
    await race.open()
    return race


async def one_race(run, *arguments, **options):
    race = await a_race(run, *arguments, **options)
    call = race.start()
    outcome = await run.outcome(call)
    if run.has("cancel"):
        await run.returns(call, outcome.value)
    else:
        race.assert_was(outcome)
        race.assert_asked()


# -- the first good answer -------------------------------------------------------------------------
@points(3)
@sweep(amount("1", "2", "120"), network("bytes", "far", "connects-late"), only("an-hour"))
async def test_the_first_answer(run):
    """All mirrors are asked at once, and the first good answer is returned at that instant."""
    await one_race(run)


@sweep(only("empty", "long", "map-again"))
async def test_any_map(run):
    """A map is what stands after `map `, whatever that is."""
    await one_race(run, 2)


@points(2)
@sweep(again(), only("again", "at-once", "many", "moved"))
async def test_every_fetch_asks_anew(run):
    """Every fetch asks anew, and fetches know nothing of each other."""
    race = await a_race(run, good={0, 1})
    if run.variant in ("at-once", "many"):
        calls = [race.start() for _ in range(20 if run.variant == "many" else 2)]
        for call in calls:
            race.assert_was(await run.outcome(call))
        race.assert_asked(len(calls))
        return
    for _ in range(2 if run.variant else 1):
        race.assert_was(await run.outcome(race.start()))
        race.texts = [race.some_text() for _ in race.texts]
        race.good = {1, 2} if run.variant == "moved" else race.good


# -- failures --------------------------------------------------------------------------------------
@stage(2)
@points(2)
@sweep(
    only(*APOLOGIES),
    lose("refused", "no-route", "timed-out", "no-name", "reset", "half", "hang-up", "silent"),
)
async def test_a_failure_is_no_answer(run):
    """A failure is no answer, however quick it is."""
    await one_race(run, good={0, 1})


@stage(2)
@points(2)
@sweep(
    amount("1", "twice", "40"),
    only(*APOLOGIES),
    lose("refused", "no-route", "timed-out", "no-name", "reset", "half", "hang-up"),
)
async def test_all_fail(run):
    """When all have failed, one error tells all the reasons, in the order of the mirrors."""
    await one_race(run, good=())


@stage(2)
@sweep(only("two-good", "all-good", "the-last-good", "all-fail"))
async def test_dead_heats(run):
    """Good answers and failures may arrive at the same instant."""
    length_ms = run.length_ms(200, 900)
    good = {"two-good": {1, 4}, "all-good": range(6), "the-last-good": {5}, "all-fail": ()}.get(
        run.variant, {2}
    )
    await one_race(run, 6, [length_ms] * 6, good=good)


# -- cancelled -------------------------------------------------------------------------------------
@stage(3)
@points(2)
@sweep(cancel())
async def test_cancelled(run):
    """Cancelled at any instant, it ends then, with all its requests."""
    await one_race(run, good={0, 1}, latency_ms=0)


@stage(3)
@sweep(cancel())
async def test_cancelled_when_nobody_has_it(run):
    """The same is true while one mirror after another fails."""
    await one_race(run, 2, good=(), latency_ms=0)


@stage(3)
@sweep(only("later"))
async def test_cancelled_while_connecting(run):
    """Cancelled before any connection is there, it opens none any more."""
    race = await a_race(run, 2)
    call = race.start()
    asyncio.get_running_loop().call_later(
        (LATENCY_MS * 1.5 if run.variant else LATENCY_MS / 2) / 1000, run.cancel
    )
    await run.returns(call, "a map that nobody has seen")  # it is cancelled before

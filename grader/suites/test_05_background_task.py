"""Kata 05: one request under way in the background of others.

Stage 1: they overlap. Stage 2: many reports. Stage 3: what goes wrong. Hosts that fail, and reports that are
cancelled, are not taught yet.
"""

import asyncio
from collections import Counter

from grader.testing import (
    Verdict,
    assert_equal,
    check,
    is_late,
    is_off,
    milliseconds,
    points,
    seconds,
    show_ns,
)
from grader.testing.faults import again, amount, network, only
from grader.testing.sweep import stage, sweep

PORT = 7000
LATENCY_MS = 20
ROUND_TRIPS_MS = 4 * LATENCY_MS
"""There and back to connect, there for the question, back for the answer."""
END = "end"
TEXTS = {
    "an-empty-forecast": ("", ""),
    "a-forecast-with-blanks": ("  fog,  then   sun ", "fog,  then   sun"),
    "a-forecast-not-in-ascii": ("Bö aus Südwest, 3 °C", "Bö aus Südwest, 3 °C"),
    "a-forecast-that-says-torn": ("torn", "torn"),
    "a-forecast-that-says-sorry-later": ("fog, sorry", "fog, sorry"),
    "a-forecast-with-digits": ("12 end", "12 end"),
}
"""What the weather office answers, and what the report says then."""
INSTANTS = ("at-once", "with-the-first-page", "between", "with-the-torn-page", "with-the-last-page", "late")
"""When the forecast comes: in the first page's time, with a page, or long after the last."""


class ForecastError(Exception):
    """Of the same name as the learner's."""


class LogbookError(Exception):
    """Of the same name as the learner's."""


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    pages = {"monday": (1.5, "12 tuesday"), "tuesday": (1.0, "3 wednesday"), "wednesday": (2.0, "16 end")}

    async def tell(bay):
        await asyncio.sleep(4)
        return "fog, then sun"

    async def read(page):
        takes_s, text = pages.get(page, (0.0, "no such page"))
        await asyncio.sleep(takes_s)
        return text

    await net.serve_lines("weather", PORT, tell)
    await net.serve_lines("logbook", PORT, read)
    return seconds(4.5)


class Harbour:
    """The weather office and the logbook's keeper, and the reports that are to be written from them."""

    def __init__(self, run):
        self.run = run
        self.page_ms = run.length_ms(300, 600)
        self.exchange_ms = self.page_ms + ROUND_TRIPS_MS
        self.forecast_ms = 10 * self.exchange_ms
        self.answers, self.pages = {}, {}
        self.expected = Counter()
        self.fails = False

    def comes(self, instant):
        """The forecast comes then; the pages of a report are three or four, and the second may be torn."""
        exchanges = dict(zip(INSTANTS, (0.5, 1, 1.5, 2, 3, 10), strict=True))[instant]
        self.forecast_ms = round(exchanges * self.exchange_ms) - ROUND_TRIPS_MS

    async def serve(self):
        forecasts, pages = self.answers.get, self.pages.get
        for label, host, answers, takes_ms in (
            ("the weather office", "weather", forecasts, self.forecast_ms),
            ("the logbook", "logbook", pages, self.page_ms),
        ):
            await self.run.serve_lines(
                label,
                host,
                PORT,
                lambda question, answers=answers: answers(question, "I do not know that."),
                takes_ms=takes_ms,
                latency_ms=LATENCY_MS,
            )

    def report(self, count, **what):
        return Report(self, count, **what)

    def assert_asked(self):
        """Each page and each forecast once for each report; after a failure some may be missing."""
        asked = Counter((seen.host, seen.label) for seen in self.run.exchanges)
        more = asked - self.expected
        check(not more, f"{next(iter(more), None)} was asked more often than there are reports for it.")
        fewer = Counter() if self.fails else self.expected - asked
        check(not fewer, f"{next(iter(fewer), None)} was not asked once for each report.")


class Report:
    """One report: what is asked for, and what must come of it."""

    def __init__(self, harbour, count, *, torn=False, sorry=False, like=None):
        self.harbour, self.run, self.torn, self.sorry = harbour, harbour.run, torn, sorry
        if like is not None:
            self.bay, self.names, self.text = like.bay, like.names, like.text
        else:
            [self.bay] = self.run.names("bay", 1)
            self.names = self.run.names("page", count)
            text = (
                f"{self.run.rng.choice(('calm', 'a gale', 'fog banks'))} no {self.run.rng.randrange(10**6)}"
            )
            answer, text = TEXTS.get(self.run.variant, (f"sorry, {text}" if sorry else text,) * 2)
            self.answer = harbour.answers[self.bay] = answer
            self.forecast, self.ships = text, [self.run.rng.randint(0, 99) for _ in self.names]
            following = [*self.names, END][1:]
            for name, ships, after in zip(self.names, self.ships, following, strict=True):
                harbour.pages[name] = f"{ships} {after}"
            if torn:
                harbour.pages[self.names[1]] = "torn"
            self.text = f"{self.bay}: {text}, {sum(self.ships)} ships logged"
        harbour.fails = harbour.fails or torn or sorry
        read = 2 if torn else len(self.names)
        harbour.expected.update([("weather", self.bay), *(("logbook", name) for name in self.names[:read])])
        extra_ns = self.run.extra_ns
        self.forecast_ns = milliseconds(harbour.forecast_ms + ROUND_TRIPS_MS) + extra_ns
        self.page_ns = milliseconds(harbour.exchange_ms) + extra_ns
        self.end_ns = max(self.forecast_ns, self.page_ns * read)

    def change_forecast(self):
        """Whoever asks from now on is told something else."""
        self.harbour.answers[self.bay] = f"squalls no {self.run.rng.randrange(10**6)}"
        self.text = f"{self.bay}: {self.harbour.answers[self.bay]}, {sum(self.ships)} ships logged"

    def write(self):
        return self.run.call("write_report", self.bay, self.names[0] if self.names else END)

    async def assert_written(self, call):
        outcome = await self.run.outcome(call)
        if self.torn or self.sorry:
            self.assert_failed(outcome)
            return
        if outcome.error is not None:
            raise outcome.error
        assert_equal(outcome.value, self.text, "The report")
        verdict = Verdict.NOT_CONCURRENT if is_late(outcome.at_ns, self.end_ns) else Verdict.WRONG_ANSWER
        text = f"The report should take {show_ns(self.end_ns)}, as long as the slower of the two; it took"
        check(not is_off(outcome.at_ns, self.end_ns), f"{text} {show_ns(outcome.at_ns)}.", verdict)

    def assert_failed(self, outcome):
        """One of its errors comes out as it is, not before it has happened, not after the other's end."""
        due = []
        if self.sorry:
            due.append((ForecastError(self.answer), self.forecast_ns))
        if self.torn:
            due.append((LogbookError(self.names[1]), 2 * self.page_ns))
        seen = None if outcome.error is None else (type(outcome.error).__name__, str(outcome.error))
        texts = [f"{type(error).__name__}: {error}" for error, _ in due]
        found = [at_ns for error, at_ns in due if seen == (type(error).__name__, str(error))]
        how = "returned" if seen is None else f"raised {': '.join(seen)[:200]}"
        check(found, f"It should raise {' or '.join(texts)}; but it {how}.")
        is_in_time = not is_late(found[0], outcome.at_ns) and not is_late(outcome.at_ns, self.end_ns)
        text = f"The error should come out between {show_ns(found[0])} and {show_ns(self.end_ns)}, not at"
        check(is_in_time, f"{text} {show_ns(outcome.at_ns)}.")

    def assert_begun_at_once(self):
        """The office and the first page are asked at the same instant."""
        first = {seen.host: seen.start_ns for seen in reversed(self.run.exchanges)}
        at_once = not is_off(max(first.values()), min(first.values()))
        text = "The forecast and the first page were not asked for at the same instant."
        check(at_once, text, Verdict.NOT_CONCURRENT)


async def one_report(run, instant, count=3, **what):
    harbour = Harbour(run)
    harbour.comes(instant)
    report = harbour.report(count, **what)
    await harbour.serve()
    async with run.kata.heartbeat():
        await report.assert_written(report.write())
    harbour.assert_asked()
    report.assert_begun_at_once()


# -- stage 1: they overlap -------------------------------------------------------------------------
@points(3)
@sweep(network("bytes", "far", "connects-late"))
async def test_forecast_comes_meanwhile(run):
    """The logbook is read while the forecast is on its way."""
    await one_report(run, "late")


@points(2)
@sweep(only(*INSTANTS), network("bytes", "connects-late"))
async def test_takes_as_long_as_the_slower(run):
    """A report takes as long as the slower of the two, whenever the forecast comes."""
    await one_report(run, run.variant or "at-once", 4)


# -- stage 2: every report -------------------------------------------------------------------------
@stage(2)
@sweep(amount("0", "1", "50"), only(*TEXTS))
async def test_report_is_right(run):
    """The report has the forecast and the number of ships, word for word."""
    await one_report(run, "between", run.amount(3))


@stage(2)
@points(2)
@sweep(amount("40"), again("loop"), only("the-same-report"))
async def test_many_reports_at_once(run):
    """Many reports at once, and one after another, know nothing of each other; each asks for itself."""
    harbour = Harbour(run)
    harbour.comes("with-the-torn-page")
    reports = [harbour.report(1 + number % 4) for number in range(run.amount(3))]
    if run.variant:
        reports.append(harbour.report(0, like=reports[0]))
    await harbour.serve()
    async with run.kata.heartbeat():
        await all_written(reports)
        reports[0].change_forecast()
        await all_written([harbour.report(0, like=reports[0])])
    harbour.assert_asked()


async def all_written(reports):
    calls = [(report, report.write()) for report in reports]
    for report, call in calls:
        await report.assert_written(call)


# -- stage 3: what goes wrong ----------------------------------------------------------------------
@stage(3)
@points(2)
@sweep(only(*INSTANTS))
async def test_failed_forecast(run):
    """Without a forecast there is a ForecastError, and nothing is left running."""
    await one_report(run, run.variant or "at-once", sorry=bool(run.variant))


@stage(3)
@sweep(only(*INSTANTS))
async def test_torn_page(run):
    """A torn page is a LogbookError, and nothing is left running."""
    await one_report(run, run.variant or "at-once", torn=bool(run.variant))


@stage(3)
@sweep(only(*INSTANTS))
async def test_both_fail(run):
    """If both fail, one error is raised, and the other is not left unseen."""
    await one_report(run, run.variant or "at-once", sorry=bool(run.variant), torn=bool(run.variant))


@stage(3)
@sweep(only("torn", "sorry", "torn-and-sorry"))
async def test_others_go_on(run):
    """What becomes of one report does not change the others."""
    harbour = Harbour(run)
    harbour.comes("late" if run.variant == "torn" else "between")
    kinds = {"torn": "torn" in run.variant, "sorry": "sorry" in run.variant}
    reports = [harbour.report(3), harbour.report(3, **kinds), harbour.report(4)]
    await harbour.serve()
    async with run.kata.heartbeat():
        await all_written(reports)
    harbour.assert_asked()

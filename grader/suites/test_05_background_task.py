"""Kata 05: one request under way in the background of others."""

import asyncio

from grader.testing import Verdict, assert_equal, assert_took, check, points, seconds

PORT = 7000
END = "end"
WINDS = ("calm", "light airs", "a fresh breeze", "a strong gale", "fog banks", "squalls from the west")


class Logbook:
    """A chain of pages, and how long the keeper needs for each; `torn` is the page that nobody can read."""

    def __init__(self, rng, lengths_us, torn_page=None):
        names = [f"page-{number:06}" for number in rng.sample(range(10**6), len(lengths_us))]
        self.first, self.torn = names[0], None if torn_page is None else names[torn_page]
        self.ships = {name: rng.randint(0, 99) for name in names}
        self.following = dict(zip(names, [*names[1:], END], strict=True))
        self.lengths_us = dict(zip(names, lengths_us, strict=True))

    async def read(self, page):
        await asyncio.sleep(self.lengths_us[page] / 1e6)
        return "torn" if page == self.torn else f"{self.ships[page]} {self.following[page]}"

    @property
    def total(self):
        return sum(self.ships.values())

    @property
    def length_ns(self):
        return sum(self.lengths_us.values()) * 1000


class Weather:
    """What the office answers for each bay, and after how long."""

    def __init__(self):
        self.answers, self.lengths_us = {}, {}

    def expect(self, bay, answer, length_us):
        self.answers[bay], self.lengths_us[bay] = answer, length_us

    async def tell(self, bay):
        await asyncio.sleep(self.lengths_us[bay] / 1e6)
        return self.answers[bay]


async def serve(net, weather, *logbooks):
    """Both hosts; a page is answered by the logbook that has it."""
    owners = {page: book for book in logbooks for page in book.ships}

    async def read(page):
        return await owners[page].read(page) if page in owners else "no such page"

    await net.serve_lines("weather", PORT, weather.tell)
    found_on = {page: (before,) for book in logbooks for before, page in book.following.items()}
    await net.serve_lines("logbook", PORT, read, needs=found_on)


def some_us(rng, low_ms=100, high_ms=2000):
    """A length of time in whole microseconds, not a round one."""
    return rng.randint(low_ms * 1000, high_ms * 1000)


def some_bay(rng):
    return f"bay {rng.randrange(10**6)}"


def some_forecast(rng):
    return f"{rng.choice(WINDS)}, {rng.choice(WINDS)} by {rng.randint(1, 23)} h"


async def one_evening(net, rng, *, forecast_us=None, pages=4, torn_page=None, sorry=False):
    """A world with one bay and one logbook: (bay, logbook, expected report, forecast's length in ns)."""
    bay, weather = some_bay(rng), Weather()
    book = Logbook(rng, [some_us(rng) for _ in range(pages)], torn_page)
    length_us = some_us(rng) if forecast_us is None else forecast_us
    answer = f"sorry, {some_forecast(rng)}" if sorry else some_forecast(rng)
    weather.expect(bay, answer, length_us)
    await serve(net, weather, book)
    return bay, book, report(bay, answer, book), length_us * 1000


def report(bay, forecast, book):
    return f"{bay}: {forecast}, {book.total} ships logged"


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    weather = Weather()
    weather.expect("mussel bay", "fog, then sun", 4_000_000)
    lengths_us = {"monday": 1_500_000, "tuesday": 1_000_000, "wednesday": 2_000_000}
    book = Logbook(rng, lengths_us.values())
    names = list(lengths_us)
    book.first, book.lengths_us = names[0], lengths_us
    book.ships = dict(zip(names, (12, 3, 16), strict=True))
    book.following = dict(zip(names, [*names[1:], END], strict=True))
    await serve(net, weather, book)
    return max(seconds(4), book.length_ns)


async def fails(kata, name, *args):
    """The type's name and the text of the error that a call raises; fails if it returns."""
    try:
        result = await kata.call(name, *args)
    except Exception as error:
        if not hasattr(error, "guest_record"):
            raise
        return type(error).__name__, str(error)
    check(False, f"`{name}` should raise an error here, but it returned {result!r}.")
    return None


# -- the good case ---------------------------------------------------------------------------------
async def test_report_is_right(kata, net, rng):
    """The report has the forecast and the number of ships."""
    weather = Weather()
    books = [Logbook(rng, [some_us(rng) for _ in range(rng.randint(1, 5))]) for _ in range(4)]
    await serve(net, weather, *books)
    for book in books:
        bay, forecast = some_bay(rng), some_forecast(rng)
        weather.expect(bay, forecast, some_us(rng))
        written = await kata.call("write_report", bay, book.first)
        assert_equal(written, report(bay, forecast, book), "The report")
        await nothing_open(net)


@points(2)
async def test_forecast_comes_meanwhile(kata, net, rng):
    """The logbook is read while the forecast is on its way."""
    bay, book, expected, forecast_ns = await one_evening(net, rng, forecast_us=some_us(rng, 9000, 12000))
    assert_equal(await kata.call("write_report", bay, book.first), expected, "The report")
    assert_took(kata, forecast_ns, why="The forecast takes longer than the whole logbook here.")
    starts = sorted((asked.host, asked.start_ns) for asked in net.exchanges)
    first_page_ns, first_forecast_ns = starts[0][1], starts[-1][1]
    check(
        first_page_ns == first_forecast_ns,
        "The forecast and the first page were not asked for at the same instant.",
        Verdict.NOT_CONCURRENT,
    )


async def test_slow_logbook(kata, net, rng):
    """A logbook that is slower than the forecast takes as long as its pages in turn."""
    bay, book, expected, _ = await one_evening(net, rng, forecast_us=some_us(rng, 100, 300), pages=6)
    assert_equal(await kata.call("write_report", bay, book.first), expected, "The report")
    assert_took(kata, book.length_ns, why="The logbook takes longer than the forecast here.")


async def test_asked_once(kata, net, rng):
    """The forecast and each page are asked for once per report."""
    bay, weather, book = some_bay(rng), Weather(), Logbook(rng, [some_us(rng) for _ in range(4)])
    await serve(net, weather, book)
    for forecast in rng.sample(WINDS, 2):
        weather.expect(bay, forecast, some_us(rng))
        net.clear()
        written = await kata.call("write_report", bay, book.first)
        assert_equal(written, report(bay, forecast, book), "The report")
        asked = sorted((seen.host, seen.label) for seen in net.exchanges)
        expected = sorted([("weather", bay), *(("logbook", page) for page in book.ships)])
        assert_equal(asked, expected, "The requests")


@points(2)
async def test_many_reports_at_once(kata, net, rng):
    """Forty reports at once take as long as the slowest of them."""
    weather = Weather()
    books = [Logbook(rng, [some_us(rng) for _ in range(rng.randint(1, 3))]) for _ in range(40)]
    await serve(net, weather, *books)
    bays = [f"{some_bay(rng)} no {number}" for number in range(len(books))]
    forecasts = [some_forecast(rng) for _ in books]
    for bay, forecast in zip(bays, forecasts, strict=True):
        weather.expect(bay, forecast, some_us(rng))
    calls = [kata.call("write_report", bay, book.first) for bay, book in zip(bays, books, strict=True)]
    reports = await asyncio.gather(*calls)
    assert_equal(reports, [report(*each) for each in zip(bays, forecasts, books, strict=True)], "The reports")
    lengths_ns = [max(weather.lengths_us[b] * 1000, k.length_ns) for b, k in zip(bays, books, strict=True)]
    for call, best_ns in zip(calls, lengths_ns, strict=True):
        check(
            call.ended_ns - call.started_ns == best_ns,
            "With many reports under way at once, one of them took longer than it does alone.",
            Verdict.NOT_CONCURRENT,
        )


async def test_loop_stays_free(kata, net, rng):
    """The event loop is never blocked."""
    bay, book, _, _ = await one_evening(net, rng)
    async with kata.heartbeat(every_s=0.05):
        await kata.call("write_report", bay, book.first)


# -- what can go wrong -----------------------------------------------------------------------------
async def test_failed_forecast(kata, net, rng):
    """Without a forecast there is a ForecastError, early or late, and nothing is left running."""
    for length_us in (some_us(rng, 20, 90), some_us(rng, 9000, 12000)):
        bay, book, expected, _ = await one_evening(net, rng, forecast_us=length_us, sorry=True)
        answer = expected.removeprefix(f"{bay}: ").removesuffix(f", {book.total} ships logged")
        error = await fails(kata, "write_report", bay, book.first)
        assert_equal(error, ("ForecastError", answer), "The error")
        await nothing_open(net)
        await net.close()


async def test_torn_page(kata, net, rng):
    """A torn page is a LogbookError, and nothing is left running."""
    bay, book, _, _ = await one_evening(net, rng, torn_page=1, forecast_us=some_us(rng, 9000, 12000))
    assert_equal(await fails(kata, "write_report", bay, book.first), ("LogbookError", book.torn), "The error")
    await nothing_open(net)


async def test_both_fail(kata, net, rng):
    """If forecast and logbook both fail, one error is raised and the other is not left unseen."""
    for length_us in (some_us(rng, 20, 90), some_us(rng, 9000, 12000)):
        bay, book, _, _ = await one_evening(net, rng, torn_page=2, forecast_us=length_us, sorry=True)
        name, _ = await fails(kata, "write_report", bay, book.first)
        check(
            name in ("ForecastError", "LogbookError"),
            f"Forecast and logbook both failed, and the error was {name}: that is neither of theirs.",
        )
        await nothing_open(net)
        await net.close()


async def test_cancelled_report(kata, net, rng):
    """A cancelled report ends both of its requests at once."""
    bay, book, _, _ = await one_evening(net, rng, forecast_us=some_us(rng, 9000, 12000))
    call = kata.call("write_report", bay, book.first)
    cancelled_at_us = some_us(rng, 30, 90)
    await asyncio.sleep(cancelled_at_us / 1e6)
    call.cancel()
    await asyncio.wait([call])
    check(call.cancelled(), "The report was cancelled, but `write_report` did not pass the cancellation on.")
    check(
        call.ended_ns - call.started_ns == cancelled_at_us * 1000,
        "The report was cancelled, and went on for a while all the same.",
    )
    await nothing_open(net)


async def nothing_open(net):
    """Every connection is closed, an instant after the report has ended."""
    await asyncio.sleep(1e-6)
    count = net.learner_connections()
    check(not count, f"{count} connection(s) were still open after the report had ended.", Verdict.LEAKED)

"""Kata 05: one request under way in the background of others."""

import asyncio
from functools import partial
from itertools import accumulate

from grader.testing import (
    Verdict,
    an_instant,
    assert_equal,
    assert_took,
    check,
    clear_of,
    is_off,
    points,
    seconds,
)

PORT = 7000
HOSTS = ("weather", "logbook")
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


def some_bay(rng, number=None):
    """A bay's name; of several, no two are alike that have numbers of their own."""
    number = rng.randrange(40) if number is None else number
    return f"bay {rng.randrange(10**6)} no {number}"


def some_forecast(rng):
    return f"{rng.choice(WINDS)}, {rng.choice(WINDS)} by {rng.randint(1, 23)} h"


async def one_evening(net, rng, *, forecast_us=None, with_page=None, pages=4, torn_page=None, sorry=False):
    """A world with one bay and one logbook: (bay, logbook, expected report, forecast's length in ns).

    The forecast takes `forecast_us`, or comes at the same instant as page number `with_page`.
    """
    bay, weather = some_bay(rng), Weather()
    book = Logbook(rng, [some_us(rng) for _ in range(pages)], torn_page)
    length_us = some_us(rng) if forecast_us is None else forecast_us
    if with_page is not None:
        length_us = list(accumulate(book.lengths_us.values()))[with_page]
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


async def error_of(call):
    """The type's name and the text of the error that a report raises; fails if it returns."""
    try:
        result = await call
    except Exception as error:
        if not hasattr(error, "guest_record"):
            raise
        return type(error).__name__, str(error)
    check(False, f"`write_report` should raise an error here, but it returned {result!r}.")
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
    written = await kata.call("write_report", bay, END)
    assert_equal(written, f"{bay}: {forecast}, 0 ships logged", "The report of a logbook without a page")


@points(2)
async def test_forecast_comes_meanwhile(kata, net, rng):
    """The logbook is read while the forecast is on its way."""
    bay, book, expected, forecast_ns = await one_evening(net, rng, forecast_us=some_us(rng, 9000, 12000))
    assert_equal(await kata.call("write_report", bay, book.first), expected, "The report")
    assert_took(kata, forecast_ns, why="The forecast takes longer than the whole logbook here.")
    asked_ns = {host: [seen.start_ns for seen in net.exchanges if seen.host == host] for host in HOSTS}
    check(
        not is_off(*(min(instants_ns) for instants_ns in asked_ns.values())),
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
    for at_once, forecast in zip((1, 1, 2), rng.sample(WINDS, 3), strict=True):
        weather.expect(bay, forecast, some_us(rng))
        net.clear()
        calls = [kata.call("write_report", bay, book.first) for _ in range(at_once)]
        for call in calls:
            assert_equal(await call, report(bay, forecast, book), "The report")
        asked = sorted((seen.host, seen.label) for seen in net.exchanges)
        expected = sorted([("weather", bay), *(("logbook", page) for page in book.ships)] * at_once)
        assert_equal(asked, expected, "The requests" + (f" of {at_once} reports" if at_once > 1 else ""))


@points(2)
async def test_many_reports_at_once(kata, net, rng):
    """Forty reports at once take as long as the slowest of them."""
    weather = Weather()
    books = [Logbook(rng, [some_us(rng) for _ in range(rng.randint(1, 3))]) for _ in range(40)]
    await serve(net, weather, *books)
    bays = [some_bay(rng, number) for number in range(len(books))]
    forecasts = [some_forecast(rng) for _ in books]
    for bay, forecast in zip(bays, forecasts, strict=True):
        weather.expect(bay, forecast, some_us(rng))
    calls = [kata.call("write_report", bay, book.first) for bay, book in zip(bays, books, strict=True)]
    reports = await asyncio.gather(*calls)
    assert_equal(reports, [report(*each) for each in zip(bays, forecasts, books, strict=True)], "The reports")
    lengths_ns = [max(weather.lengths_us[b] * 1000, k.length_ns) for b, k in zip(bays, books, strict=True)]
    for call, best_ns in zip(calls, lengths_ns, strict=True):
        check(
            not is_off(call.ended_ns - call.started_ns, best_ns),
            "With many reports under way at once, one of them took longer than it does alone.",
            Verdict.NOT_CONCURRENT,
        )


async def test_loop_stays_free(kata, net, rng):
    """The event loop is never blocked."""
    bay, book, expected, forecast_ns = await one_evening(net, rng)
    async with kata.heartbeat():
        written = await kata.call("write_report", bay, book.first)
    assert_equal(written, expected, "The report")
    assert_took(kata, max(forecast_ns, book.length_ns))


# -- what can go wrong -----------------------------------------------------------------------------
async def test_failed_forecast(kata, net, rng):
    """Without a forecast there is a ForecastError, early or late, and nothing is left running."""
    for length_us in (some_us(rng, 20, 90), some_us(rng, 9000, 12000)):
        bay, book, expected, _ = await one_evening(net, rng, forecast_us=length_us, sorry=True)
        answer = expected.removeprefix(f"{bay}: ").removesuffix(f", {book.total} ships logged")
        error = await error_of(kata.call("write_report", bay, book.first))
        assert_equal(error, ("ForecastError", answer), "The error")
        await nothing_open(net)
        await net.close()


async def test_torn_page(kata, net, rng):
    """A torn page is a LogbookError, and nothing is left running."""
    bay, book, _, _ = await one_evening(net, rng, torn_page=1, forecast_us=some_us(rng, 9000, 12000))
    error = await error_of(kata.call("write_report", bay, book.first))
    assert_equal(error, ("LogbookError", book.torn), "The error")
    await nothing_open(net)


async def test_both_fail(kata, net, rng):
    """If forecast and logbook both fail, one error is raised and the other is not left unseen."""
    times = [{"forecast_us": some_us(rng, 20, 90)}, {"forecast_us": some_us(rng, 9000, 12000)}]
    times += [{"with_page": number} for number in range(4)]
    for torn_page, when in zip((2, 2, 0, 1, 2, 3), times, strict=True):
        bay, book, expected, _ = await one_evening(net, rng, torn_page=torn_page, sorry=True, **when)
        answer = expected.removeprefix(f"{bay}: ").removesuffix(f", {book.total} ships logged")
        error = await error_of(kata.call("write_report", bay, book.first))
        check(
            error in (("ForecastError", answer), ("LogbookError", book.torn)),
            f"Forecast and logbook both failed, and the error was {': '.join(error):.200}:"
            " that is neither of theirs.",
        )
        await nothing_open(net)
        await net.close()


async def test_cancelled_report(kata, net, rng):
    """A cancelled report ends both of its requests at once, however far it has come."""
    for forecast_ms, pages_read in (
        ((9000, 12000), 0),  # While both are under way,
        ((9000, 12000), rng.randint(1, 3)),
        ((9000, 12000), 4),  # only the forecast,
        ((20, 90), rng.randint(1, 3)),  # or only the logbook.
    ):
        forecast_us = some_us(rng, *forecast_ms)
        bay, book, _, _ = await one_evening(net, rng, forecast_us=forecast_us, pages=4)
        ends_us = [*accumulate(book.lengths_us.values(), initial=0), forecast_us]
        first_us, last_us = ends_us[pages_read] + 1, ends_us[pages_read + 1] - 1
        cancelled_at_us = clear_of(partial(rng.randint, first_us, last_us), 0, max(ends_us))
        call = kata.call("write_report", bay, book.first)
        await asyncio.sleep(cancelled_at_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        text = "The report was cancelled, but `write_report` did not pass the cancellation on."
        check(call.cancelled(), text)
        check(
            not is_off(call.ended_ns - call.started_ns, cancelled_at_us * 1000),
            "The report was cancelled, and went on for a while all the same.",
        )
        await nothing_open(net)
        await net.close()


async def test_others_go_on(kata, net, rng):
    """What becomes of one report, an error or a cancellation, does not change the others."""
    forecasts_ms = {"torn": (9000, 12000), "sorry": (20, 90), "cancelled": (9000, 12000)}
    forecasts_ms |= {"waiting": (9000, 12000), "reading": (20, 90)}
    kinds = list(forecasts_ms)
    rng.shuffle(kinds)
    weather, bays, books = Weather(), {}, {}
    for number, kind in enumerate(kinds):
        bays[kind] = some_bay(rng, number)
        books[kind] = Logbook(rng, [some_us(rng, 100, 400) for _ in kinds], 0 if kind == "torn" else None)
        answer = f"sorry, {some_forecast(rng)}" if kind == "sorry" else some_forecast(rng)
        weather.expect(bays[kind], answer, some_us(rng, *forecasts_ms[kind]))
    await serve(net, weather, *books.values())
    calls = {kind: kata.call("write_report", bays[kind], books[kind].first) for kind in kinds}
    await asyncio.sleep(some_us(rng, 10, 99) / 1e6)
    calls["cancelled"].cancel()
    await asyncio.wait([calls["cancelled"]])
    for kind in ("waiting", "reading"):
        bay, book = bays[kind], books[kind]
        assert_equal(await calls[kind], report(bay, weather.answers[bay], book), "The report")
        check(
            not is_off(
                calls[kind].ended_ns - calls[kind].started_ns,
                max(weather.lengths_us[bay] * 1000, book.length_ns),
            ),
            "With others that failed or were cancelled, a report took longer than it does alone.",
            Verdict.NOT_CONCURRENT,
        )
    assert_equal(
        [await error_of(calls[kind]) for kind in ("torn", "sorry")],
        [("LogbookError", books["torn"].torn), ("ForecastError", weather.answers[bays["sorry"]])],
        "The errors",
    )
    await nothing_open(net)


async def nothing_open(net):
    """Every connection is closed, an instant after the report has ended."""
    await an_instant()
    count = net.learner_connections()
    check(not count, f"{count} connection(s) were still open after the report had ended.", Verdict.LEAKED)

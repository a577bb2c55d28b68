"""Kata 08: many shops at once, of which some fail, each in its own way."""

import asyncio
import socket
import struct

from grader.testing import (
    Verdict,
    assert_equal,
    assert_overlaps,
    assert_took,
    check,
    explore,
    points,
    seconds,
    show_ns,
)

PORT = 7000
DEMO = {
    "corner-shop": ("price", 1.5),
    "market-hall": ("sorry", 1.0),
    "night-kiosk": ("refused", 0.0),
    "old-mill": ("price", 2.5),
    "pop-up-stand": ("hangs up", 2.0),
}
ANSWERING = ("price", "sorry", "nonsense", "hangs up", "breaks off")
FAILING = (*ANSWERING[1:], "refused", "unknown")
SILENT = ("refused", "unknown")
PROBLEMS = {
    "nonsense": "ValueError",
    "hangs up": "ValueError",
    "breaks off": "ConnectionResetError",
    "refused": "ConnectionRefusedError",
    "unknown": "gaierror",
}
REASONS = ("sold out", "closed until monday", "out of reach", "we are moving house", "stocktaking")
NONSENSE = ("12 pearls", "12.5", "3.0", "no coins, sorry")
FAR_US = 10_000_000
"""The latency of the farthest shop there may be: whoever sets a time limit does not wait for it."""


class Shop:
    """One host: what it does when asked, after how long, and what it saw of its customer.

    One that is some way off also says its line in two pieces, the first as soon as it is asked.
    """

    def __init__(self, net, clock, rng, name, kind, length_us, latency_us=0):
        self.net, self.clock = net, clock
        self.name, self.kind, self.length_us, self.latency_us = name, kind, length_us, latency_us
        self.price = rng.choice((rng.randint(1, 99_999), rng.randint(1, 99_999), 0, -rng.randint(1, 999)))
        self.words = f"sorry, {rng.choice(REASONS)} ({rng.randrange(10**6)})"
        self.nonsense = rng.choice(NONSENSE)
        self.line_end = "\n"
        self.said_at_once = 1 if latency_us else 0
        self.asked_for = []
        self.ended_ns, self.closed_ns = None, None

    async def open(self):
        if self.kind != "unknown":
            self.net.host(self.name, latency_s=self.latency_us / 1e6)
        if self.kind not in SILENT:
            await self.net.serve(self.name, PORT, self.handle)

    async def handle(self, reader, writer):
        item = (await reader.readline()).decode("utf-8", "replace").rstrip("\n")
        self.asked_for.append(item)
        line = self.line()
        with self.net.request(self.name, item):
            writer.write(line[: self.said_at_once])
            await asyncio.sleep(self.length_us / 1e6)
        self.ended_ns = self.clock.now_ns
        if self.kind == "breaks off":
            reset(writer)
            return
        writer.write(line[self.said_at_once :])
        if not line.endswith(b"\n"):
            writer.write_eof()
        try:
            await reader.read()
        finally:
            self.closed_ns = self.clock.now_ns

    def line(self):
        texts = {"price": str(self.price), "sorry": self.words, "nonsense": self.nonsense}
        return f"{texts[self.kind]}{self.line_end}".encode() if self.kind in texts else b""

    @property
    def problem(self):
        return self.words if self.kind == "sorry" else PROBLEMS[self.kind]

    @property
    def due_ns(self):
        """When its answer or its failure is heard of: two ways to connect, and two more to ask."""
        ways = {"unknown": 0, "refused": 2}.get(self.kind, 4)
        length_us = 0 if self.kind in SILENT else self.length_us
        return (ways * self.latency_us + length_us) * 1000


def reset(writer):
    """Break the connection off: without lingering, a close is a reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def open_shops(net, clock, rng, kinds, farthest_us=0):
    """A shop of each of these kinds, in that order, each with a length and a latency of its own."""
    names = [f"shop-{number:06}" for number in rng.sample(range(10**6), len(kinds))]
    lengths_us = rng.sample(range(100_000, 2_000_000), len(kinds))
    latencies_us = [rng.randint(1000, farthest_us) if farthest_us else 0 for _ in kinds]
    traits = zip(names, kinds, lengths_us, latencies_us, strict=True)
    shops = [Shop(net, clock, rng, *each) for each in traits]
    for shop in shops:
        await shop.open()
    return shops


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    for name, (kind, length_s) in DEMO.items():
        await Shop(net, Stopped, rng, name, kind, round(length_s * 1e6)).open()
    return seconds(max(length_s for _, length_s in DEMO.values()))


class Stopped:
    """The clock of a world in which nobody looks at the time."""

    now_ns = 0


def some_item(rng):
    return f"{rng.choice(('a crêpe pan', 'a café chair', 'a papier-mâché owl'))} no {rng.randrange(10**6)}"


def some_kinds(rng, count, failing=FAILING):
    """That many kinds of shops, in any order, of which at least one sells and one fails."""
    kinds = [rng.choice(failing) if rng.random() < 0.5 else "price" for _ in range(count - 2)]
    kinds += ["price", rng.choice(failing)]
    rng.shuffle(kinds)
    return kinds


def some_count(rng):
    """How many shops there are."""
    return rng.randint(5, 14)


async def compare(kata, shops, item):
    """Have the prices compared, and see that the result is right, and that nothing is left open."""
    result = await kata.call("compare_prices", [shop.name for shop in shops], item)
    assert_result(result, shops)
    return result


def assert_result(result, shops):
    is_pair = isinstance(result, (tuple, list)) and len(result) == 2
    check(
        is_pair and all(isinstance(part, dict) for part in result), "The result should be two dictionaries."
    )
    prices = {shop.name: shop.price for shop in shops if shop.kind == "price"}
    problems = {shop.name: shop.problem for shop in shops if shop.kind != "price"}
    for shop in shops:
        said = [part[shop.name] for part in result if shop.name in part]
        expected = shop.price if shop.kind == "price" else shop.problem
        assert_equal(said, [expected], f"What is reported of {shop.name}")
    assert_equal(result[0], prices, "The prices")
    assert_equal(result[1], problems, "The problems")
    assert_equal(list(result[0]), list(prices), "The order of the prices")
    assert_equal(list(result[1]), list(problems), "The order of the problems")


async def assert_nothing_open(net):
    """Every connection is closed, an instant after the end."""
    await asyncio.sleep(1e-6)
    count = net.learner_connections()
    check(not count, f"{count} connection(s) were still open at the end.", Verdict.LEAKED)


# -- what is reported ------------------------------------------------------------------------------
async def test_every_kind_of_failure(kata, net, clock, rng):
    """Prices and problems are reported by shop, for every kind of failure."""
    kinds = [*FAILING, *["price"] * 4, *["nonsense"] * 3, "sorry"]
    rng.shuffle(kinds)
    shops = await open_shops(net, clock, rng, kinds)
    of_kind = {kind: [shop for shop in shops if shop.kind == kind] for kind in kinds}
    prices = (0, -rng.randint(1, 999), *rng.sample(range(1, 99_999), 2))
    for shop, price in zip(of_kind["price"], prices, strict=True):
        shop.price = price
    for shop, nonsense in zip(of_kind["nonsense"], NONSENSE, strict=True):
        shop.nonsense = nonsense
    of_kind["price"][-1].line_end = ""
    of_kind["sorry"][-1].words = "sorry"
    await compare(kata, shops, some_item(rng))
    await assert_nothing_open(net)


@explore(seeds=50)
async def test_no_failure_hides_another(kata, net, clock, rng):
    """Whatever fails, and however early, all the others are reported too."""
    shops = await open_shops(net, clock, rng, some_kinds(rng, rng.randint(3, 14)), FAR_US)
    await compare(kata, shops, some_item(rng))
    assert_took(kata, max(shop.due_ns for shop in shops))
    await assert_nothing_open(net)


async def test_all_or_none(kata, net, clock, rng):
    """If all shops fail, all problems are reported; without shops, nothing is."""
    await compare(kata, await open_shops(net, clock, rng, [*FAILING, *FAILING]), some_item(rng))
    await compare(kata, [], some_item(rng))


async def test_asked_once(kata, net, clock, rng):
    """Each shop is asked once for each comparison, for the right thing."""
    item = some_item(rng)
    shops = await open_shops(net, clock, rng, some_kinds(rng, some_count(rng)))
    for times in (1, 2):
        await compare(kata, shops, item)
        for shop in shops:
            if shop.kind not in SILENT:
                assert_equal(shop.asked_for, [item] * times, "What a shop was asked for")
            shop.price += 1


# -- when ------------------------------------------------------------------------------------------
@points(2)
async def test_requests_overlap(kata, net, clock, rng):
    """A hundred shops are asked at once, and it takes as long as the slowest of them."""
    count = rng.randint(100, 120)
    shops = await open_shops(net, clock, rng, some_kinds(rng, count, failing=ANSWERING[1:]))
    await compare(kata, shops, some_item(rng))
    assert_overlaps(net, peak=count)
    assert_took(kata, max(shop.due_ns for shop in shops))


async def test_closed_in_time(kata, net, clock, rng):
    """Each connection is closed as soon as its own shop has answered or hung up."""
    kinds = ["price", "sorry", "nonsense", "price", "hangs up", *["price"] * rng.randint(1, 6)]
    shops = await open_shops(net, clock, rng, kinds, FAR_US)
    shops[0].length_us += 5 * FAR_US  # Who closes at the end is late for all the others.
    await compare(kata, shops, some_item(rng))
    await assert_nothing_open(net)
    await asyncio.sleep(FAR_US / 1e6)  # Until the shops have heard of it.
    for shop in shops:
        late_ns = shop.closed_ns - shop.ended_ns - 2 * shop.latency_us * 1000
        text = f"A connection was closed {show_ns(late_ns)} after its shop had answered or hung up."
        check(late_ns <= 0, text, Verdict.LEAKED)


async def test_stopped_from_outside(kata, net, clock, rng):
    """A cancellation closes all connections at once, and is no problem of the shops."""
    kinds = ["price", "sorry", "price", "hangs up", *["price"] * rng.randint(1, 6), "nonsense"]
    shops = await open_shops(net, clock, rng, [*kinds, "refused"], FAR_US)
    names = [shop.name for shop in shops]
    nearest_us = min(shop.latency_us for shop in shops)
    ends_us = sorted(shop.due_ns // 1000 for shop in shops)
    # When the nearest shop has been reached, but not heard of; when some have answered; when one is left.
    for stop_us in (nearest_us + 1, sum(ends_us[2:4]) // 2, sum(ends_us[-2:]) // 2):
        started_ns = clock.now_ns
        call = kata.call("compare_prices", names, some_item(rng))
        await asyncio.sleep(stop_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        check(call.cancelled(), "`compare_prices` was cancelled, but it did not pass the cancellation on.")
        late_ns = clock.now_ns - started_ns - stop_us * 1000
        check(not late_ns, f"`compare_prices` went on for {show_ns(late_ns)} after it had been cancelled.")
        await assert_nothing_open(net)
        await asyncio.sleep(2 * FAR_US / 1e6)  # What was on its way to a shop has come back by then.
        await assert_nothing_open(net)


async def test_loop_stays_free(kata, net, clock, rng):
    """The event loop is never blocked."""
    shops = await open_shops(net, clock, rng, some_kinds(rng, some_count(rng)), farthest_us=200_000)
    async with kata.heartbeat():
        await compare(kata, shops, some_item(rng))

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


class Shop:
    """One host: what it does when asked, after how long, and what it saw of its customer."""

    def __init__(self, net, clock, rng, name, kind, length_us):
        self.net, self.clock = net, clock
        self.name, self.kind, self.length_us = name, kind, length_us
        self.price = rng.choice((rng.randint(1, 99_999), rng.randint(1, 99_999), 0, -rng.randint(1, 999)))
        self.words = f"sorry, {rng.choice(REASONS)} ({rng.randrange(10**6)})"
        self.nonsense = f"{rng.randint(1, 99)} {rng.choice(('coins', 'pearls', 'or best offer'))}"
        self.asked_for = []
        self.ended_ns, self.closed_ns = None, None

    async def open(self):
        if self.kind == "refused":
            self.net.host(self.name)
        elif self.kind != "unknown":
            await self.net.serve(self.name, PORT, self.handle)

    async def handle(self, reader, writer):
        item = (await reader.readline()).decode("utf-8", "replace").rstrip("\n")
        self.asked_for.append(item)
        with self.net.request(self.name, item):
            await asyncio.sleep(self.length_us / 1e6)
        self.ended_ns = self.clock.now_ns
        if self.kind == "breaks off":
            reset(writer)
        elif self.kind != "hangs up":
            writer.write(f"{self.answer()}\n".encode())
            await reader.read()
            self.closed_ns = self.clock.now_ns

    def answer(self):
        return {"price": str(self.price), "sorry": self.words, "nonsense": self.nonsense}[self.kind]

    @property
    def problem(self):
        return self.words if self.kind == "sorry" else PROBLEMS[self.kind]

    @property
    def length_ns(self):
        return 0 if self.kind in SILENT else self.length_us * 1000


def reset(writer):
    """Break the connection off: without lingering, a close is a reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def open_shops(net, clock, rng, kinds):
    """A shop of each of these kinds, in that order, each with a length of its own."""
    names = [f"shop-{number:06}" for number in rng.sample(range(10**6), len(kinds))]
    lengths_us = rng.sample(range(100_000, 2_000_000), len(kinds))
    shops = [Shop(net, clock, rng, *each) for each in zip(names, kinds, lengths_us, strict=True)]
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
    return f"{rng.choice(('a lantern', 'a kettle', 'a compass'))} no {rng.randrange(10**6)}"


def some_kinds(rng, count, share_failing=0.5):
    """That many kinds of shops, in any order, of which at least one sells and one fails."""
    kinds = [rng.choice(FAILING) if rng.random() < share_failing else "price" for _ in range(count - 2)]
    kinds += ["price", rng.choice(FAILING)]
    rng.shuffle(kinds)
    return kinds


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
    kinds = ["price", *FAILING, "price", "price"]
    rng.shuffle(kinds)
    shops = await open_shops(net, clock, rng, kinds)
    selling = [shop for shop in shops if shop.kind == "price"]
    for shop, price in zip(selling, (0, -rng.randint(1, 999), rng.randint(1, 99_999)), strict=True):
        shop.price = price
    await compare(kata, shops, some_item(rng))
    await assert_nothing_open(net)


@explore(seeds=50)
async def test_no_failure_hides_another(kata, net, clock, rng):
    """Whatever fails, and however early, all the others are reported too."""
    shops = await open_shops(net, clock, rng, some_kinds(rng, rng.randint(3, 6)))
    await compare(kata, shops, some_item(rng))
    assert_took(kata, max(shop.length_ns for shop in shops))
    await assert_nothing_open(net)


async def test_all_or_none(kata, net, clock, rng):
    """If all shops fail, all problems are reported; without shops, nothing is."""
    await compare(kata, await open_shops(net, clock, rng, [*FAILING, *FAILING]), some_item(rng))
    await compare(kata, [], some_item(rng))


async def test_asked_once(kata, net, clock, rng):
    """Each shop is asked once for each comparison, for the right thing."""
    item = some_item(rng)
    shops = await open_shops(net, clock, rng, some_kinds(rng, 12))
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
    shops = await open_shops(net, clock, rng, some_kinds(rng, 100, share_failing=0.3))
    await compare(kata, shops, some_item(rng))
    assert_overlaps(net, peak=sum(shop.kind not in SILENT for shop in shops))
    assert_took(kata, max(shop.length_ns for shop in shops))


async def test_closed_in_time(kata, net, clock, rng):
    """Each connection is closed as soon as its own shop has answered."""
    shops = await open_shops(net, clock, rng, ["price", "sorry", "nonsense", "price", "hangs up", "price"])
    await compare(kata, shops, some_item(rng))
    await assert_nothing_open(net)
    for shop in shops:
        if shop.closed_ns is not None:
            late_ns = shop.closed_ns - shop.ended_ns
            text = f"A connection was closed {show_ns(late_ns)} after its shop had answered."
            check(not late_ns, text, Verdict.LEAKED)


async def test_stopped_from_outside(kata, net, clock, rng):
    """A cancellation closes all connections at once, and is no problem of the shops."""
    kinds = ["price", "sorry", "price", "hangs up", "price", "nonsense"]
    shops = await open_shops(net, clock, rng, [*kinds, "refused"])
    names = [shop.name for shop in shops]
    ends_us = [0, *sorted(shop.length_us for shop in shops if shop.kind not in SILENT)]
    # Before anybody has answered or failed; when one is closed, and others have answered; when one is left.
    for asked, ended in ((names[:-1], 0), (names, 2), (names, 5)):
        stop_us = (ends_us[ended] + ends_us[ended + 1]) // 2 + 1
        started_ns = clock.now_ns
        call = kata.call("compare_prices", asked, some_item(rng))
        await asyncio.sleep(stop_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        check(call.cancelled(), "`compare_prices` was cancelled, but it did not pass the cancellation on.")
        late_ns = clock.now_ns - started_ns - stop_us * 1000
        check(not late_ns, f"`compare_prices` went on for {show_ns(late_ns)} after it had been cancelled.")
        await assert_nothing_open(net)


async def test_loop_stays_free(kata, net, clock, rng):
    """The event loop is never blocked."""
    shops = await open_shops(net, clock, rng, some_kinds(rng, 6))
    async with kata.heartbeat(every_s=0.05):
        await compare(kata, shops, some_item(rng))

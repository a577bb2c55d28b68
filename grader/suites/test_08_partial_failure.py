"""Kata 08: many shops at once, of which some fail, each in its own way.

Stage 1: they overlap. Stage 2: every failure is reported, and hides no other. Stage 3: connections are
closed in time, and every call asks anew. Cancellation is not taught yet; the same shop twice and lines over
64 KiB are not swept.
"""

from grader.testing import assert_equal, assert_overlaps, assert_took, check, milliseconds, points, seconds
from grader.testing.faults import again, amount, lose, network, only
from grader.testing.sweep import stage, sweep

PORT = 7000
LATENCIES_MS = (20, 60, 5)
"""One way, of one shop after another."""
FAR_MS = 600_000
PIECES_MS = 100
REPORTED = {
    "refused": "ConnectionRefusedError",
    "no-route": "OSError",
    "no-network": "OSError",
    "timed-out": "TimeoutError",
    "no-name": "gaierror",
    "reset": "ConnectionResetError",
    "reset-asked": "ConnectionResetError",
    "reset-half": "ConnectionResetError",
    "hang-up": "ValueError",
    "no-text": "UnicodeDecodeError",
}
"""What is reported of a shop that cannot be talked with, by the ways of the row `lose`."""
UNREACHED = ("refused", "no-route", "no-network", "timed-out", "reset")
"""Ways in which a shop is lost before it is asked: one learns of them when the connection would be open."""
REASONS = ("sold out", "fermé jusqu'à lundi", "out of reach", "we are moving house", "stocktaking")
ANSWERS = {
    "zero": "0",
    "negative": "-5",
    "plus": "+12",
    "underscore": "1_000",
    "huge": "9" * 40,
    "blanks": "\t 1200 ",
    "fraction": "12.5",
    "point-zero": "3.0",
    "pearls": "12 pearls",
    "nothing": "",
    "just-sorry": "sorry",
    "sorrow": "sorrysome 12",
    "sorry-at-the-end": "no coins, sorry",
    "sorry-in-capitals": "Sorry, no coins",
    "sorry-among-blanks": "  sorry, a blank \t",
    "long": f"sorry, {'very ' * 4000}busy",
}
"""Lines that a shop may say, by the variant of the check."""
DEMO = {
    "corner-shop": ("12900", 1.5),
    "market-hall": ("sorry, sold out", 1.0),
    "old-mill": ("9900", 2.5),
    "pop-up-stand": ("", 2.0),
}
"""The night kiosk is closed: nobody listens there."""


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    net.host("night-kiosk")
    for name, (line, takes_s) in DEMO.items():
        await net.serve_lines(name, PORT, lambda _, line=line: line, takes_s=takes_s)
    return seconds(max(takes_s for _, takes_s in DEMO.values()))


class Shop:
    """One shop: what it says after how long, and what should be seen and reported of it.

    `unknown` and `refused` are no lines but shops that do not exist, or where nobody listens. One that ends
    no line hangs up in its place; any other keeps its side open until the connection is closed.
    """

    def __init__(self, run, number, name, takes_ms, says=None):
        self.run, self.label, self.name, self.takes_ms = run, f"shop {number}", name, takes_ms
        self.says = f"{run.rng.randint(1000, 99_999)}\n" if says is None else says
        self.latency_ms = LATENCIES_MS[number % len(LATENCIES_MS)]
        self.connects_after_ms = 0
        self.asked = []

    async def open(self):
        if self.says == "refused":
            self.run.net.host(self.name, latency_s=self.latency_ms / 1000)
        elif self.says != "unknown":
            keeps_open = self.says.endswith("\n")
            await self.run.serve_lines(
                self.label,
                self.name,
                PORT,
                self.answer,
                takes_ms=self.takes_ms,
                latency_ms=self.latency_ms,
                connects_after_ms=self.connects_after_ms,
                keeps_open=keeps_open,
            )

    def answer(self, question):
        self.asked.append(question)
        return self.says.encode()

    @property
    def lost(self):
        """How it cannot be talked with; empty where it can."""
        return {"unknown": "no-name", "refused": "refused"}.get(self.says, self.run.lost(self.label))

    @property
    def report(self):
        """Its price, or what went wrong."""
        if not isinstance(self.name, str):
            return "TypeError"
        if self.lost in REPORTED:
            return REPORTED[self.lost]
        said = self.says.encode()
        answer = said[: len(said) // 2 if self.lost == "half" else None].decode().strip()
        if answer.startswith("sorry"):
            return answer
        try:
            return int(answer)
        except ValueError:
            return "ValueError"

    @property
    def heard_ns(self):
        """When its answer or its failure is heard of: two ways to connect, and two more to ask."""
        if self.lost == "no-name":
            return 0
        if self.lost in UNREACHED:
            return milliseconds(2 * self.latency_ms)
        breaks_ms = PIECES_MS if self.lost == "reset-half" else 0
        takes_ms = 4 * self.latency_ms + self.connects_after_ms + self.takes_ms + breaks_ms
        return milliseconds(takes_ms) + self.run.extra_ns

    def assert_asked_once(self, item, *, closed_in_time):
        is_known = self.lost != "no-name"
        asked = [] if self.lost in (*UNREACHED, "no-name") else [item]
        assert_equal(self.asked, asked, f"What {self.label} was asked for")
        if closed_in_time:
            self.run.assert_connected(self.label, self.name, [(0, self.heard_ns)] if is_known else [])
        count = len(self.run.connections(self.name))
        check(count < 2, f"{count} connections were made to {self.label}; it should be asked once.")


async def open_shops(run, says, lengths=None, *, equal=False, connects_after_ms=0):
    """A shop for each of these lines (None for a price), in a drawn order, each of its own length.

    `equal` ones are all the same in length and latency. The first one takes `connects_after_ms` to connect.
    """
    names = run.names("shop", len(says))
    lengths = [1000] * len(says) if equal else lengths or run.lengths_ms(len(says))
    traits = zip(names, lengths, says, strict=True)
    shops = [Shop(run, number, *each) for number, each in enumerate(traits, start=1)]
    for shop in shops:
        shop.latency_ms = LATENCIES_MS[0] if equal else shop.latency_ms
        shop.connects_after_ms = connects_after_ms if shop is shops[0] else 0
        await shop.open()
    run.rng.shuffle(shops)
    return shops


def some_item(rng):
    return f"{rng.choice(('a crêpe pan', 'a café chair', 'a papier-mâché owl'))} no {rng.randrange(10**6)}"


def an_apology(rng):
    return f"sorry, {rng.choice(REASONS)} ({rng.randrange(10**6)})\n"


async def compare(run, shops, *, item="", closed_in_time=False):
    """Have the prices compared: the report is right, it took as long as the slowest, each was asked once."""
    item = item or some_item(run.rng)
    report = await run.result(run.call("compare_prices", [shop.name for shop in shops], item))
    assert_report(report, shops)
    assert_took(run.kata, max((shop.heard_ns for shop in shops), default=0))
    for shop in shops:
        if isinstance(shop.name, str):
            shop.assert_asked_once(item, closed_in_time=closed_in_time)


def assert_report(report, shops):
    is_pair = isinstance(report, (tuple, list)) and len(report) == 2
    is_pair = is_pair and all(isinstance(part, dict) for part in report)
    check(is_pair, "The result should be two dictionaries.")
    for shop in shops:
        said = [part[shop.name] for part in report if shop.name in part]
        assert_equal(said, [shop.report], f"What is reported of {shop.label}")
    due = [(shop.name, shop.report) for shop in shops]
    prices = [pair for pair in due if isinstance(pair[1], int)]
    problems = [pair for pair in due if not isinstance(pair[1], int)]
    assert_equal(list(report[0].items()), prices, "The prices, in order")
    assert_equal(list(report[1].items()), problems, "The problems, in order")


@points(3)
@sweep(amount("1", "2", "40", "150"))
async def test_requests_overlap(run):
    """All shops are asked at once, however many."""
    count = run.amount(6)
    says = [None if number % 3 else an_apology(run.rng) for number in range(count)]
    await compare(run, await open_shops(run, says, equal=True))
    assert_overlaps(run, peak=count)


@points(2)
@sweep(
    amount("0", "3", "12"),
    network("bytes", "far", "connects-late"),
    only("a-shop-is-far-away", "a-shop-is-slow"),
)
async def test_prices_and_apologies(run):
    """Prices and apologies are reported in the order of the shops, as soon as the slowest has answered."""
    says = [an_apology(run.rng) if number % 3 == 1 else None for number in range(run.amount(6))]
    lengths = run.lengths_ms(len(says))
    if run.variant == "a-shop-is-slow":
        lengths[0] = FAR_MS
    far_ms = FAR_MS if run.variant == "a-shop-is-far-away" else 0
    await compare(run, await open_shops(run, says, lengths, connects_after_ms=far_ms))


@stage(2)
@points(3)
@sweep(lose(*REPORTED, "half"))
async def test_every_way_to_fail(run):
    """However a shop fails, that is reported, and so is what the others say."""
    await compare(run, await open_shops(run, [None, an_apology(run.rng), None, None]))


@stage(2)
@points(2)
@sweep(only("all-fail", "at-one-instant", "many", "an-entry-is-no-text"))
async def test_no_failure_hides_another(run):
    """Several shops fail, early and late, and each is reported for itself."""
    says = ["unknown", an_apology(run.rng), "no luck\n", "refused", "", "12 pearls\n"]
    says += [] if run.variant == "all-fail" else [None, None]
    says *= 5 if run.variant == "many" else 1
    run.lengths.shuffle(says)
    shops = await open_shops(run, says, [700] * len(says) if run.variant == "at-one-instant" else None)
    if run.variant == "an-entry-is-no-text":
        nobody = Shop(run, 0, run.rng.randint(1, 9), 0, "unknown")
        shops.insert(len(shops) // 2, nobody)
    await compare(run, shops)


@stage(2)
@points(2)
@sweep(only(*ANSWERS, "hangs-up-in-place-of-the-line-end"))
async def test_what_is_a_price(run):
    """What `int` takes is a price; what begins with `sorry` is a problem in the shop's own words."""
    line = ANSWERS.get(run.variant)
    says = "1234" if line is None else f"{line}\n"
    await compare(run, await open_shops(run, [None, says, None]))


@stage(3)
@points(2)
@sweep(lose("hang-up", "half", "no-text", "reset-half", "refused"), network("bytes", "far", "connects-late"))
async def test_closed_in_time(run):
    """Each connection is closed as soon as its own shop has answered, failed or hung up."""
    says = [None, an_apology(run.rng), "no luck\n", None]
    await compare(run, await open_shops(run, says), closed_in_time=True)


@stage(3)
@sweep(again(), only("the-same-shops"))
async def test_every_call_asks_anew(run):
    """Every call asks every shop anew, and calls know nothing of each other."""
    shops, item = await open_shops(run, [None, an_apology(run.rng), None, "no luck\n"]), some_item(run.rng)
    await compare(run, shops, item=item)
    if run.variant:
        for shop in shops:
            shop.says, shop.asked = f"{run.rng.randint(1000, 99_999)}\n", []
        report = await run.result(run.call("compare_prices", [shop.name for shop in shops], item))
        assert_report(report, shops)
        for shop in shops:
            assert_equal(shop.asked, [item], f"What {shop.label} was asked for the second time")

"""Kata 03: fetch a poem from a library that recites it piece by piece.

Stage 1: the whole poem. Stage 2: many poems. Stage 3: errors. Cancellation is not taught yet, and neither
are lines: a line of a poem is never longer than a stream's limit.
"""

import asyncio
import errno
import socket

from grader.testing import assert_equal, assert_took, check, is_off, milliseconds, points, seconds
from grader.testing.faults import again, amount, lose, network, only
from grader.testing.sweep import stage, sweep

PORT = 7000
LATENCY_MS = 20
ROUND_TRIPS_MS = 4 * LATENCY_MS
"""There and back to connect, there for the question, back for the last piece."""
AT_ONCE = 60
"""More than there can be threads (see kata.toml): a thread for each poem is not the answer."""
LETTERS = "abcdefghijklmnopqrstuvwxyz     äöüßéèçñłšÅØþ—…“”日本語詩🦉🌙"
UNUSUAL = "\ufeff  \r\n\tAn owl\x00 \x0b sat\u2028 up\x85 till\r half past ten \U0001f989\n\n \n"
"""Blanks and ends of lines of all kinds, a mark of byte order, and a nought, are all part of a poem."""
NO_TEXT = {"no-utf8": b"\xff\xfe owl", "half-a-letter": "詩".encode()[:2]}
"""What a poem may contain, or end with, that is no UTF-8."""
NO_CONNECTION = {
    "no-name": ("gaierror", socket.EAI_NONAME),
    "no-route": ("OSError", errno.EHOSTUNREACH),
    "no-network": ("OSError", errno.ENETUNREACH),
    "timed-out": ("TimeoutError", errno.ETIMEDOUT),
    "reset-connecting": ("ConnectionResetError", errno.ECONNRESET),
}
"""What comes out of a connection that cannot be made, by the way in which it fails."""
OWL = """\
The owl sat up till half past ten
and read the night from end to end.

“A fine one,” said she — “now again!”
"""


async def demo(net, rng):
    """A library with one poem, one line every half second; returns the best possible time."""
    lines = [line.encode() for line in OWL.splitlines(keepends=True)]

    async def recite(reader, writer):
        await reader.read()
        for line in lines:
            await asyncio.sleep(0.5)
            writer.write(line)
            await writer.drain()

    await net.serve("library", PORT, recite)
    return seconds(0.5 * len(lines))


def some_poem(run, verses):
    """That many verses, with every kind of letter and a blank line here and there."""
    lines = ["".join(run.rng.choices(LETTERS, k=30)) + "🌙\n" for _ in range(verses)]
    return "".join(line + "\n" * (number % 2) for number, line in enumerate(lines))


def in_pieces(data, count):
    """The bytes as that many pieces of about the same length, which end inside a character where they can."""
    cuts = []
    for number in range(1, count):
        place = len(data) * number // count
        near = range(place, place + len(data) // count // 2)
        cuts.append(next((at for at in near if data[at] & 0xC0 == 0x80), place))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


class Library:
    """One library: its poems by title, what it was asked, and how long a poem takes."""

    def __init__(self, run, label="the library", *, latency_ms=LATENCY_MS):
        self.run, self.label, self.latency_ms = run, label, latency_ms
        (self.host,) = run.names("library", 1)
        self.poems = {}
        self.asked = []

    def add(self, poem, pieces=3, *, title=None, ends_late_ms=0):
        """Take a poem of that text or of those bytes, and give its title."""
        title = f"Zoë's ode {self.run.rng.randrange(10**6)} " if title is None else title
        data = poem if isinstance(poem, bytes) else poem.encode()
        parts = in_pieces(data, pieces) if data else []
        pauses = self.run.lengths_ms(len(parts) + 1, high=900)
        if self.run.variant == "slow":
            pauses = [pause * 1000 for pause in pauses]
        pauses[-1] = ends_late_ms
        self.poems.setdefault(title, []).append((pauses, parts))
        return title

    async def open(self):
        run, label = self.run, self.label
        await run.serve(label, self.host, PORT, self.recite, latency_ms=self.latency_ms)
        return self

    async def recite(self, reader, writer):
        question = await reader.read()
        title = question.decode("utf-8", "replace").removesuffix("\n")
        self.asked.append(question)
        times = sum(one == question for one in self.asked) - 1
        poems = self.poems.get(title, ())
        pauses, parts = poems[min(times, len(poems) - 1)] if poems else ([0], [])
        with self.run.net.request(self.host, title[:100]):
            self.run.event(self.label, "asks")
            way = self.run.lost(self.label)
            told = self.pieces_told(way, parts)
            for pause_ms, part in zip(pauses[:told], parts[:told], strict=True):
                await asyncio.sleep(pause_ms / 1000)
                await self.run.send(self.label, writer, part)
            await asyncio.sleep(pauses[-1] / 1000)
            if way.startswith("reset"):
                self.run.net.reset(writer)

    def takes_ns(self, title, number=0):
        """How long it takes to fetch that poem, from the first knock to the end."""
        pauses, parts = self.poems[title][number]
        pieces = len(parts) if self.run.has("network", "bytes") else 1
        return milliseconds(sum(pauses) + 4 * self.latency_ms) + self.run.extra_ns * pieces

    def breaks_off_ns(self, title, way):
        """How long it takes until that is noticed."""
        pauses, parts = self.poems[title][0]
        if way in NO_CONNECTION:
            return milliseconds(0 if way == "no-name" else 2 * self.latency_ms)
        told = self.pieces_told(way, parts)
        return milliseconds(sum(pauses[:told]) + 4 * self.latency_ms)

    @staticmethod
    def pieces_told(way, parts):
        """How many pieces are recited before the library breaks off in that way; else all."""
        return {"reset-asked": 0, "reset-half": len(parts) // 2}.get(way, len(parts))

    def fetch(self, title):
        if self.run.variant == "by-name":
            return self.run.call("fetch_poem", host=self.host, title=title)
        return self.run.call("fetch_poem", self.host, title)

    async def gives(self, call, title, number=0):
        """The poem comes back whole, in the time that the library takes."""
        text = b"".join(self.poems[title][number][1]).decode()
        outcome = await self.run.outcome(call)
        self.run.assert_no_mistake(outcome)
        poem = outcome.value
        if isinstance(poem, str) and text.startswith(poem):
            check(poem == text, f"The poem breaks off after {len(poem)} of its {len(text)} characters.")
        assert_equal(poem, text, "The poem")
        due_ns = self.takes_ns(title, number)
        took_ns = call.ended_ns - call.started_ns
        if is_off(took_ns, due_ns):
            assert_took(self.run.kata, due_ns)

    def assert_asked(self, titles):
        """Each title was sent once, with a newline and then the end."""
        expected = [f"{title}\n".encode() for title in titles]
        assert_equal(sorted(self.asked), sorted(expected), "What the library is sent")


async def fetched(run, poem, pieces=3, **options):
    """Have a poem fetched, see that it is whole, and that the library was asked once."""
    library = await Library(run).open()
    title = library.add(poem, pieces, **options)
    await library.gives(library.fetch(title), title)
    library.assert_asked([title])


@points(2)
@sweep(
    network("bytes", "far", "connects-late"),
    amount("0", "1", "12"),
    only("unusual", "long", "slow", "ends-late", "by-name"),
)
async def test_the_whole_poem_comes_back(run):
    """The whole poem comes back at the library's end, wherever its pieces end."""
    pieces = 12 if run.variant == "long" else run.amount(3)
    poem = some_poem(run, pieces)
    if run.variant == "unusual":
        poem = UNUSUAL + poem + UNUSUAL
    elif run.variant == "long":
        poem *= 400
    await fetched(run, poem, max(1, pieces), ends_late_ms=90_000 if run.variant == "ends-late" else 0)


@sweep(network("reads-late"), only("no-title", "blanks", "long-title"))
async def test_the_question_is_asked_to_its_end(run):
    """The library is sent the title, a newline, and the end of your side."""
    title = {"no-title": "", "blanks": f" \t{run.rng.randrange(10**6)}\u2028 "}.get(run.variant)
    if run.variant == "long-title" or run.has("network"):
        title = f"Ode {run.rng.randrange(10**6)}, " + "ö" * 300_000
    library = await Library(run, latency_ms=0).open()
    title = library.add(some_poem(run, 3), title=title)
    await library.gives(library.fetch(title), title)
    library.assert_asked([title])


@stage(2)
@sweep()
async def test_poems_do_not_wait_for_each_other(run):
    """Sixty poems come at once, and the event loop stays free."""
    library = Library(run)
    titles = [library.add(some_poem(run, 3), title=f"{run.rng.random()}") for _ in range(AT_ONCE)]
    await library.open()
    async with run.kata.heartbeat():
        calls = [library.fetch(title) for title in titles]
        await asyncio.wait(calls)
    for title, call in zip(titles, calls, strict=True):
        await library.gives(call, title)
    library.assert_asked(titles)


@stage(2)
@sweep(again(), only("at-once"))
async def test_every_call_asks_anew(run):
    """Every call asks the library anew, also for the same title."""
    library = await Library(run).open()
    title = library.add(some_poem(run, 3))
    library.add(some_poem(run, 3), title=title)
    calls = [library.fetch(title)]
    if not run.variant:
        await asyncio.wait(calls)
    calls.append(library.fetch(title))
    for number, call in enumerate(calls):
        await library.gives(call, title, number)
    library.assert_asked([title] * 2)


@stage(3)
@sweep(again("row"))
async def test_a_closed_library(run):
    """A refused connection is a closed library, at once; when it is open again, it is asked."""
    ruin = Library(run, "the ruin")
    run.net.host(ruin.host, latency_s=LATENCY_MS / 1000)
    outcome = await run.outcome(ruin.fetch("Nothing"))
    due = f"LibraryClosed: the library at {ruin.host} is closed"
    seen = named(outcome)
    check(seen.partition("\n")[0] == due, f"It should raise {due}, but it ended with {seen}.")
    assert_took(run.kata, milliseconds(2 * LATENCY_MS))
    await fetched(run, some_poem(run, 2))


def named(outcome):
    """How a call ended: its error's class and text."""
    error = outcome.error
    return outcome.kind if error is None else f"{type(error).__name__}: {error}"[:300]


@stage(3)
@sweep(
    lose(*NO_CONNECTION, "reset", "reset-asked", "reset-half", "reset-late"),
    only(*NO_TEXT),
)
async def test_errors_come_out(run):
    """Every other error comes out as it is, and the connection is closed."""
    library = await Library(run).open()
    poem = some_poem(run, 4).encode()
    title = library.add(poem + NO_TEXT.get(run.variant, b"") + (poem if run.variant == "no-utf8" else b""))
    call = library.fetch(title)
    way = run.lost(library.label)
    if not way and not run.variant:
        await library.gives(call, title)
        return
    outcome = await run.outcome(call)
    reset = ("UnicodeDecodeError" if run.variant else "ConnectionResetError", None)
    due, number = NO_CONNECTION.get(way, reset)
    seen = named(outcome)
    is_due = seen.startswith(due) or (way == "reset" and seen.startswith("BrokenPipeError"))
    check(is_due, f"It should raise {due}, but it ended with {seen}.")
    is_same = number in (None, getattr(outcome.error, "errno", None))
    check(is_same, f"It should raise {due} as it is, not {seen}.")
    if way and way != "reset":
        assert_took(run.kata, library.breaks_off_ns(title, way))

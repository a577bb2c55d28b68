"""Kata 03: fetch a poem from a library that recites it piece by piece."""

import asyncio
import socket
from functools import partial

from grader.testing import (
    Verdict,
    assert_at,
    assert_equal,
    assert_took,
    check,
    clear_of,
    is_off,
    leave_out_unless_exact,
    milliseconds,
    points,
    seconds,
)

PORT = 7000
LATENCY_S = 0.02
ROUND_TRIPS_NS = seconds(4 * LATENCY_S)
"""There and back to connect, there for the question, back for the last piece."""
AT_ONCE = 60
"""More than there can be threads (see kata.toml): a thread for each poem is not the answer."""
LETTERS = "abcdefghijklmnopqrstuvwxyz     äöüßéèçñłšÅØþ—…“”日本語詩🦉🌙"
OWL = """\
The owl sat up till half past ten
and read the night from end to end.

“A fine one,” said she — “now again!”
"""


async def demo(net, rng):
    """A library with one poem, one line every half second; returns the best possible time."""
    poems = {"The Owl": [(0.5, line.encode()) for line in OWL.splitlines(keepends=True)]}
    await serve_library(net, "library", poems)
    return seconds(0.5 * len(poems["The Owl"]))


async def serve_library(net, host, poems):
    """Recite to each who has asked to the end; returns the list of what is asked, as bytes."""
    questions = []

    async def recite(reader, writer):
        question = await reader.read()
        questions.append(question)
        title = question.decode("utf-8", "replace").removesuffix("\n")
        with net.request(host, title):
            for pause_s, piece in poems.get(title, ()):
                await asyncio.sleep(pause_s)
                writer.write(piece)
                await writer.drain()

    await net.serve(host, PORT, recite)
    return questions


def some_poem(rng, verses, letters=LETTERS):
    """That many verses, with blank lines between and every kind of letter."""
    poem = ""
    for _ in range(verses):
        line = "".join(rng.choice(letters) for _ in range(rng.randint(20, 60)))
        poem += line + letters[-1] + "\n" + rng.choice(["", "\n"])
    return poem.removesuffix("\n")


def in_pieces(rng, poem, count=8):
    """The poem as pieces of bytes, each with the pause before it; some end inside a character."""
    data = poem.encode()
    inside = [at for at in range(1, len(data)) if data[at] & 0xC0 == 0x80]
    cuts = {*rng.sample(inside, min(count // 2, len(inside))), *rng.sample(range(1, len(data)), count // 2)}
    cuts = sorted(cuts)
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    return [(rng.randint(10, 400) / 1000, piece) for piece in pieces]


def length_ns(pieces):
    """How long it takes to recite them."""
    return sum(milliseconds(round(pause_s * 1000)) for pause_s, _ in pieces)


def some_title(rng):
    whose = rng.choice(("", "Zoë's ", "a late "))
    return f"{whose}Ode {rng.randrange(10**6)}"


def some_host(rng):
    return f"library-{rng.randrange(10**6):06}"


def assert_closed(net, when):
    """The learner's side holds no connection any more."""
    message = f"Your side of the connection is still open {when}."
    check(net.learner_connections() == 0, message, Verdict.LEAKED)


async def test_the_whole_poem_comes_back(kata, net, rng):
    """The whole poem comes back, wherever its pieces end."""
    texts = [some_poem(rng, 3, "abc def"), some_poem(rng, rng.randint(5, 9)), some_poem(rng, 2000), ""]
    poems = {some_title(rng): text for text in texts}
    recited = {title: in_pieces(rng, text) if text else [] for title, text in poems.items()}
    host = some_host(rng)
    await serve_library(net, host, recited)
    for title, text in poems.items():
        poem = await kata.call("fetch_poem", host, title)
        if isinstance(poem, str) and text.startswith(poem):
            check(poem == text, f"The poem breaks off after {len(poem)} of its {len(text)} characters.")
        assert_equal(poem, text, "The poem")


async def test_the_question_is_asked_to_its_end(kata, net, rng):
    """The library is sent the title, a newline, and the end of your side."""
    titles = [f"{some_title(rng)}.{number}" for number in range(2)] + [f"Zoë's {some_title(rng)}"]
    poems = {title: some_poem(rng, 2) for title in titles}
    host = some_host(rng)
    recited = {title: in_pieces(rng, poem) for title, poem in poems.items()}
    questions = await serve_library(net, host, recited)
    for title in titles:
        poem = await kata.call("fetch_poem", host, title)
        assert_equal(poem, poems[title], "The poem")
    assert_equal(questions, [f"{title}\n".encode() for title in titles], "What the library is sent")


async def test_takes_as_long_as_the_library(kata, net, rng):
    """It takes as long as the library recites."""
    leave_out_unless_exact("it needs a library that recites for many minutes")
    for pause_s in (0, rng.randint(100, 900)):
        text = some_poem(rng, 6)
        pieces = [*in_pieces(rng, text), (pause_s, b"fin")]
        title, host = some_title(rng), some_host(rng)
        await serve_library(net, host, {title: pieces})
        poem = await kata.call("fetch_poem", host, title)
        assert_took(kata, length_ns(pieces))
        assert_equal(poem, f"{text}fin", "The poem")


async def test_the_connection_is_closed(kata, net, rng, clock):
    """However it ends, the connection is closed."""
    text = some_poem(rng, 6)
    pieces = in_pieces(rng, text)
    host, title = some_host(rng), some_title(rng)
    await serve_library(net, host, {title: pieces})
    assert_equal(await kata.call("fetch_poem", host, title), text, "The poem")
    assert_closed(net, "after the poem has come")
    call = kata.call("fetch_poem", host, title)
    cancelled_after_ns = clear_of(partial(rng.randint, 1, length_ns(pieces) // 2), 0, unit_ns=1)
    await asyncio.sleep(cancelled_after_ns / 1e9)
    check(net.learner_connections() == 1, "The library should have one connection open while it recites.")
    call.cancel()
    cancelled_ns = clock.now_ns
    await asyncio.wait([call])
    check(call.cancelled(), "fetch_poem was cancelled, but it did not end with CancelledError.")
    check(not is_off(call.ended_ns, cancelled_ns), "fetch_poem was cancelled, but it did not end at once.")
    assert_closed(net, "after it was cancelled")


async def test_a_closed_library(kata, net, rng):
    """A refused connection is a closed library; any other error comes out as it is."""

    async def hang_up(reader, writer):
        await reader.read()
        writer.write(b"The owl sat ")
        await asyncio.sleep(0.5)
        net.reset(writer)

    ruin, fire, nowhere = (f"{some_host(rng)}{number}" for number in range(3))
    net.host(ruin)
    await net.serve(fire, PORT, hang_up)
    expected = {ruin: "LibraryClosed", fire: "ConnectionResetError", nowhere: socket.gaierror.__name__}
    for host, name in expected.items():
        seen, said = await error_of(kata.call("fetch_poem", host, some_title(rng)))
        check(seen == name, f"From {host!r} fetch_poem should raise {name}, but {said}.")
        assert_took(kata, seconds(0.5) if host == fire else 0)
        assert_closed(net, "after the error")


async def error_of(call):
    """The name of the error with which a call ends, and what to tell of its end."""
    try:
        poem = await call
    except Exception as error:
        return type(error).__name__, f"it raised {type(error).__name__}: {error}"
    return None, f"it gave {poem!r}"


@points(2)
async def test_poems_do_not_wait_for_each_other(kata, net, rng):
    """Sixty poems come at once, and the event loop stays free."""
    poems = {f"{some_title(rng)}.{number}": some_poem(rng, rng.randint(1, 4)) for number in range(AT_ONCE)}
    recited = {title: in_pieces(rng, text) for title, text in poems.items()}
    host = some_host(rng)
    net.host(host, latency_s=LATENCY_S)
    await serve_library(net, host, recited)
    async with kata.heartbeat():
        calls = [kata.call("fetch_poem", host, title) for title in poems]
        texts = await asyncio.gather(*calls)
    wrong = sum(seen != text for seen, text in zip(texts, poems.values(), strict=True))
    check(not wrong, f"{wrong} of {AT_ONCE} poems did not come back as they were recited.")
    lengths_ns = [ROUND_TRIPS_NS + length_ns(pieces) for pieces in recited.values()]
    assert_at([call.ended_ns for call in calls], lengths_ns, "The poems' ends")

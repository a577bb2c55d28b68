"""Kata 04: ask every weather station at once."""

from grader.testing import (
    Verdict,
    assert_equal,
    assert_overlaps,
    assert_took,
    check,
    milliseconds,
    points,
    seconds,
)

PORT = 7000
LATENCY_S = 0.02
ROUND_TRIPS_NS = seconds(4 * LATENCY_S)
"""There and back to connect, there for the question, back for the answer."""
DEMO = {"oslo": 1.5, "quito": 3.0, "hanoi": 2.0, "cairo": 2.5, "lagos": 1.0}
MANY = 40
"""More than there can be threads (see kata.toml): a thread for each station is not the answer."""


async def serve_stations(net, rng, thinking_s, latency_s=0.0):
    """A station for each name, which thinks that long; returns what each will answer."""
    readings = {name: rng.randint(-300, 450) for name in thinking_s}
    for name, length_s in thinking_s.items():
        net.host(name, latency_s=latency_s)

        def answer(question, name=name):
            return str(readings[name]) if question == "temperature?" else "I only know the temperature."

        await net.serve_lines(name, PORT, answer, takes_s=length_s)
    return readings


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    await serve_stations(net, rng, DEMO)
    return seconds(max(DEMO.values()))


def some_count(rng):
    """How many stations: mostly a few, now and then as many as in the largest check."""
    return rng.choice((rng.randint(3, 9), rng.randint(10, 20), rng.randint(MANY, MANY + 20)))


def some_stations(rng, count, *, lengths=None, longest_s=2.0):
    """That many station names with thinking times from 0.1 s on: `lengths` of them, or no two alike."""
    lengths_ms = rng.sample(range(100, round(longest_s * 1000)), lengths or count)
    return {
        f"station-{rng.randrange(10**6):06}-{index}": lengths_ms[index % len(lengths_ms)] / 1000
        for index in range(count)
    }


def slowest_ns(lengths, names):
    return milliseconds(round(max(lengths[name] for name in names) * 1000))


async def test_readings_come_back_in_order(kata, net, rng):
    """Every station's reading is returned, in the order asked, and it is the one of today."""
    lengths = some_stations(rng, some_count(rng))
    readings = await serve_stations(net, rng, lengths)
    names = list(lengths)
    for what in ("The readings", "The readings of the second call, which asks anew,"):
        rng.shuffle(names)
        readings.update((name, rng.randint(-300, 450)) for name in names)
        expected = [readings[name] for name in names]
        assert_equal(await kata.call("read_all", names), expected, what)


async def test_each_name_counts(kata, net, rng):
    """A name that occurs twice has two readings, and no names have none."""
    lengths = some_stations(rng, rng.randint(3, 9))
    readings = await serve_stations(net, rng, lengths)
    names = [*lengths, *rng.sample(list(lengths), 2)]
    rng.shuffle(names)
    expected = [readings[name] for name in names]
    assert_equal(await kata.call("read_all", names), expected, "The readings")
    asked = sorted(seen.host for seen in net.exchanges)
    assert_equal(asked, sorted(names), "The stations that were asked")
    assert_equal(await kata.call("read_all", []), [], "The readings of no stations")


@points(2)
async def test_requests_overlap(kata, net, rng):
    """All requests are in flight together."""
    lengths = dict.fromkeys(some_stations(rng, rng.randint(3, 20)), 1.0)
    readings = await serve_stations(net, rng, lengths)
    seen = await kata.call("read_all", list(lengths))
    assert_overlaps(net, peak=len(lengths))
    assert_took(kata, seconds(1))
    assert_equal(seen, list(readings.values()), "The readings")


async def test_takes_as_long_as_the_slowest(kata, net, rng):
    """It takes as long as the slowest station, and twice as many stations take no longer."""
    lengths = some_stations(rng, rng.randint(6, 20))
    readings = await serve_stations(net, rng, lengths)
    names = sorted(lengths, key=lengths.get, reverse=True)
    for some, why in ((names[::2], ""), (names, "This second call asks every station anew.")):
        asked = rng.sample(some, len(some))
        seen = await kata.call("read_all", asked)
        assert_took(kata, slowest_ns(lengths, some), why=why)
        assert_equal(seen, [readings[name] for name in asked], "The readings")


async def test_forty_stations(kata, net, rng):
    """Forty stations and more take no longer than the slowest of them."""
    lengths = some_stations(rng, rng.randint(MANY, MANY + 20), lengths=8)
    readings = await serve_stations(net, rng, lengths, LATENCY_S)
    names = list(lengths)
    seen = await kata.call("read_all", names)
    assert_took(kata, ROUND_TRIPS_NS + slowest_ns(lengths, names))
    assert_overlaps(net, peak=len(names))
    assert_equal(seen, [readings[name] for name in names], "The readings")


async def test_loop_stays_free(kata, net, rng):
    """The event loop is never blocked."""
    lengths = some_stations(rng, some_count(rng))
    readings = await serve_stations(net, rng, lengths, LATENCY_S)
    async with kata.heartbeat():
        seen = await kata.call("read_all", list(lengths))
    assert_equal(seen, list(readings.values()), "The readings")


async def test_nothing_is_left_open(kata, net, rng):
    """When it returns, every connection is closed."""
    lengths = some_stations(rng, rng.randint(3, 20))
    readings = await serve_stations(net, rng, lengths)
    seen = await kata.call("read_all", list(lengths))
    assert_equal(seen, list(readings.values()), "The readings")
    left = net.learner_connections()
    message = f"{left} of {len(lengths)} connections are still open after read_all has returned."
    check(left == 0, message, Verdict.LEAKED)

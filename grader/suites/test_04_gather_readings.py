"""Kata 04: ask every weather station at once."""

from grader.testing import (
    assert_equal,
    assert_overlaps,
    assert_took,
    milliseconds,
    points,
    seconds,
)

PORT = 7000
DEMO = {"oslo": 1.5, "quito": 3.0, "hanoi": 2.0, "cairo": 2.5, "lagos": 1.0}


async def serve_stations(net, rng, thinking_s):
    """A station for each name, which thinks that long; returns what each will answer."""
    readings = {name: rng.randint(-300, 450) for name in thinking_s}
    for name, length_s in thinking_s.items():
        await net.serve_lines(name, PORT, lambda _, name=name: str(readings[name]), takes_s=length_s)
    return readings


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    await serve_stations(net, rng, DEMO)
    return seconds(max(DEMO.values()))


def some_stations(rng, count):
    """That many station names with thinking times of 0.1 to 2 s, the slowest not the last."""
    lengths = {f"station-{rng.randrange(10**6):06}": rng.randint(100, 2000) / 1000 for _ in range(count)}
    return lengths


async def test_readings_come_back_in_order(kata, net, rng):
    """Every station's reading is returned, in the order asked."""
    lengths = some_stations(rng, 8)
    readings = await serve_stations(net, rng, lengths)
    names = list(lengths)
    rng.shuffle(names)
    assert_equal(await kata.call("read_all", names), [readings[name] for name in names], "The readings")


@points(2)
async def test_requests_overlap(kata, net, rng):
    """All requests are in flight together."""
    lengths = dict.fromkeys(some_stations(rng, 10), 1.0)
    await serve_stations(net, rng, lengths)
    await kata.call("read_all", list(lengths))
    assert_overlaps(net, peak=len(lengths))
    assert_took(kata, seconds(1))


async def test_takes_as_long_as_the_slowest(kata, net, rng):
    """It takes as long as the slowest station, and twice as many stations take no longer."""
    lengths = some_stations(rng, 12)
    await serve_stations(net, rng, lengths)
    names = list(lengths)
    best_ns = milliseconds(round(max(lengths[name] for name in names[:6]) * 1000))
    await kata.call("read_all", names[:6])
    assert_took(kata, best_ns)
    best_ns = milliseconds(round(max(lengths.values()) * 1000))
    await kata.call("read_all", names)
    assert_took(kata, best_ns)


async def test_loop_stays_free(kata, net, rng):
    """The event loop is never blocked."""
    lengths = some_stations(rng, 5)
    await serve_stations(net, rng, lengths)
    async with kata.heartbeat(every_s=0.05):
        await kata.call("read_all", list(lengths))

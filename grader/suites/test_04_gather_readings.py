"""Kata 04: ask every weather station at once.

Stage 1: they overlap. Stage 2: every reading is right, whatever the network and the names. Cancellation and
failing stations are not taught yet.
"""

from grader.testing import assert_overlaps, check, milliseconds, points, seconds
from grader.testing.faults import again, amount, network, only
from grader.testing.sweep import stage, sweep

PORT = 7000
LATENCY_MS = 20
ROUND_TRIPS_MS = 4 * LATENCY_MS
"""There and back to connect, there for the question, back for the answer."""
DEMO = {"oslo": 1.5, "quito": 3.0, "hanoi": 2.0, "cairo": 2.5, "lagos": 1.0}


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    for name, takes_s in DEMO.items():
        reading = rng.randint(-300, 450)
        await net.serve_lines(name, PORT, lambda _, reading=reading: str(reading), takes_s=takes_s)
    return seconds(max(DEMO.values()))


async def some_stations(run, count, *, equal=False):
    """Stations of new names: the names to ask, what each answers (by name), and the best possible time."""
    names = run.names("station", count)
    lengths = [1000] * count if equal else run.lengths_ms(count)
    readings = {}
    for number, (name, takes_ms) in enumerate(zip(dict.fromkeys(names), lengths, strict=True), start=1):
        readings[name] = run.rng.randint(-300, 450)

        def answer(question, name=name):
            return str(readings[name]) if question == "temperature?" else "I only know the temperature."

        label = f"station {number}"
        await run.serve_lines(label, name, PORT, answer, takes_ms=takes_ms, latency_ms=LATENCY_MS)
    best_ns = milliseconds(max(lengths) + ROUND_TRIPS_MS) + run.extra_ns if names else 0
    return names, readings, best_ns


async def ask_all(run, count, *, is_timed=True, **options):
    names, readings, best_ns = await some_stations(run, count, **options)
    run.rng.shuffle(names)
    expected = [readings[name] for name in names]
    call = run.call("read_all", names)
    await run.returns(call, expected, took_ns=best_ns if is_timed else None, what="The readings")
    asked = sorted(seen.host for seen in run.exchanges)
    check(asked == sorted(names), f"{len(asked)} requests were made for {len(names)} names.")


@points(3)
@sweep(amount("1", "2", "40", "300"))
async def test_requests_overlap(run):
    """All requests are in flight together."""
    count = run.amount(6)
    await ask_all(run, count, equal=True)
    assert_overlaps(run, peak=count)


@points(2)
@sweep(amount("3", "12"))
async def test_takes_as_long_as_the_slowest(run):
    """It takes as long as the slowest station, however many there are."""
    await ask_all(run, run.amount(6))


@stage(2)
@points(2)
@sweep(amount("0", "1", "twice"))
async def test_each_name_has_its_reading(run):
    """Every name has its reading, in the order of the names."""
    await ask_all(run, run.amount(3), is_timed=False)


@stage(2)
@sweep(network("bytes", "far", "connects-late"))
async def test_answers_arrive_in_pieces(run):
    """An answer counts when its whole line has arrived, in however many pieces."""
    await ask_all(run, 3, is_timed=False)


@stage(2)
@sweep(again(), only("the-same-names"))
async def test_every_call_asks_anew(run):
    """Every call asks anew, and calls know nothing of each other."""
    names, readings, best_ns = await some_stations(run, 3)
    calls = 2 if run.variant else 1
    for number in range(calls):
        for name in readings:
            readings[name] += 1000 * number
        call = run.call("read_all", names)
        expected = [readings[name] for name in names]
        await run.returns(call, expected, took_ns=best_ns, what="The readings")

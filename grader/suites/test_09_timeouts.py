"""Kata 09: a deadline for every request, and one for all of them together.

Stage 1: all stations are asked at once. Stage 2: each has its patience, twice. Stage 3: the board has a
deadline. Stage 4: cancelled, and several boards at once. Stations that refuse or break off are not swept, nor
blanks around an answer and the same station twice.
"""

import asyncio

from grader.testing import (
    assert_equal,
    assert_overlaps,
    assert_took,
    check,
    clock_is_exact,
    is_off,
    milliseconds,
    points,
    seconds,
    show_ns,
)
from grader.testing.faults import again, amount, cancel, limit, network, only
from grader.testing.sweep import stage, sweep

PORT = 7000
QUESTION = "next train?"
TOWNS = ("Arles", "Århus", "Celje", "Évora", "Łódź")
NEVER_MS = 10**9
PATIENCE_MS = 2000
PATIENCE_S, LONG_S = PATIENCE_MS / 1000, 5000.0
ANSWERS = {"empty": "", "none": "None", "long": f"via {'everywhere and ' * 2000}home"}


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    trains = {"aarhus": (1.0, "14:05 to Odense"), "cork": (1.5, "14:12 to Mallow")}
    trains |= {"dresden": (0.5, "14:02 to Pirna"), "elche": (1.8, "14:20 to Murcia")}
    for name, (length_s, train) in trains.items():
        await net.serve_lines(name, PORT, lambda _, train=train: train, takes_s=length_s)
    await net.serve_lines("bergen", PORT, lambda _: "14:30 to Voss", takes_s=9.0)
    return seconds(4)


class Station:
    """One station: how long its answer takes at each attempt (the last one is repeated), and what was seen.

    `begins` letters of its line it says at once at its first attempt. One that `drips` says
    the letters of its line one by one, all along. A `silent` one does not even connect.
    """

    boards = 1
    """How many boards ask it at the same instant."""

    def __init__(self, run, number, name, takes_ms, **traits):
        self.run, self.label, self.name, self.takes_ms = run, f"station {number}", name, takes_ms
        self.train = some_train(run.rng)
        self.latency_ms = traits.get("latency_ms", 0)
        self.connects_after_ms, self.attempts = traits.get("connects_after_ms", 0), 0
        self.begins, self.drips = traits.get("begins", 0), traits.get("drips", False)
        self.silent = traits.get("silent", False)

    async def open(self):
        await self.run.serve(
            self.label,
            self.name,
            PORT,
            self.talk,
            latency_ms=self.latency_ms,
            connects_after_ms=self.connects_after_ms,
        )
        if self.silent:
            self.run.net.host(self.name).up = False

    def length_ms(self, attempt):
        return self.takes_ms[min(attempt, len(self.takes_ms) - 1)]

    async def talk(self, reader, writer):
        question = (await reader.readline()).decode("utf-8", "replace")
        if not question.endswith("\n"):
            return
        attempt, self.attempts = self.attempts // self.boards, self.attempts + 1
        with self.run.net.request(self.name, f"{self.label}, attempt {attempt + 1}"):
            gone = asyncio.ensure_future(reader.read())
            line = f"{self.train if question.strip() == QUESTION else 'what?'}\n".encode()
            if self.begins and attempt == 0:
                writer.write(line[: self.begins])
                line = line[self.begins :]
            left_ns = milliseconds(self.length_ms(attempt))
            pause_ns = left_ns // len(line)
            while self.drips and len(line) > 1 and not await is_gone(gone, pause_ns):
                writer.write(line[:1])
                line, left_ns = line[1:], left_ns - pause_ns
            if not await is_gone(gone, left_ns):
                await self.run.send(self.label, writer, line)
                await gone

    def heard_ns(self, attempt):
        """When its line is there, after the beginning of that attempt."""
        if self.silent:
            return milliseconds(NEVER_MS)
        takes_ms = self.length_ms(attempt) + 4 * self.latency_ms + self.connects_after_ms
        return milliseconds(takes_ms) + self.run.extra_ns


async def is_gone(gone, after_ns):
    """Whether the other side closes the connection before so long has passed."""
    done, _ = await asyncio.wait([gone], timeout=after_ns / 1e9)
    return bool(done)


def some_train(rng):
    hour, minute, platform = rng.randint(0, 23), rng.randint(0, 59), rng.randint(1, 99)
    return f"{hour:02}:{minute:02} to {rng.choice(TOWNS)}, platform {platform}"


def courses(station, patience_ns, stop_ns, earlier=()):
    """All that may be seen of a station: (its answer, its connections as (began, closed)).

    There are several where something happens at the very instant of a deadline: either may come first.
    """
    began_ns = earlier[-1][1] if earlier else 0
    if len(earlier) == 2 or began_ns >= stop_ns:
        yield None, list(earlier)
    if len(earlier) == 2 or began_ns > stop_ns:
        return
    heard_ns, cut_ns = began_ns + station.heard_ns(len(earlier)), began_ns + patience_ns
    end_ns = min(heard_ns, cut_ns, stop_ns)
    seen = [*earlier, (began_ns, end_ns)]
    if end_ns == heard_ns:
        yield station.train, seen
    if end_ns == cut_ns:
        yield from courses(station, patience_ns, stop_ns, seen)
    if end_ns == stop_ns:
        yield None, seen


def lasting(connections):
    """Those that were open for some time: one that is closed as it begins may never have begun."""
    return [(began_ns, ended_ns) for began_ns, ended_ns in connections if began_ns != ended_ns]


def assert_course(run, station, board, patience_ns, stop_ns):
    """What was seen and shown of that station is one of its courses; returns when that was over."""
    possible = list(courses(station, patience_ns, stop_ns))
    if board is not None:
        shown = board[station.name]
        answers = [answer for answer, _ in possible]
        if shown not in answers:
            assert_equal(shown, answers[0], f"What the board shows for {station.label}")
        possible = [one for one in possible if one[0] == shown]
    due = [lasting(connections) for _, connections in possible]
    seen = lasting(run.connections(station.name))
    if clock_is_exact() and seen not in due:
        run.assert_connected(station.label, station.name, due[0])
        check(False, f"{station.label} should be asked (from, to, in ns) {due[0]}, but was asked {seen}.")
    return max([end_ns for _, end_ns in (seen if seen in due else due[0])], default=0)


async def show(run, stations, patience_s=PATIENCE_S, within_s=LONG_S):
    """Have the board read: it is as it should be, when it should be; so is its end when it is cancelled."""
    call = run.call("read_board", [station.name for station in stations], patience_s, within_s)
    outcome = await run.outcome(call)
    if outcome.error is not None:
        raise outcome.error
    patience_ns, stop_ns = round(patience_s * 1e9), round(within_s * 1e9)
    if run.stopped_ns is not None:
        ends_ns = [
            connections[-1][1] if connections else 0
            for station in stations
            for _, connections in courses(station, patience_ns, stop_ns)
        ]
        if outcome.kind == "cancelled" or run.stopped_ns != max(ends_ns):
            run.assert_cancelled(outcome)
        stop_ns = run.stopped_ns
    elif outcome.kind == "cancelled":
        await run.result(call)
    board = outcome.value
    if outcome.kind == "returned":
        check(isinstance(board, dict), f"It should return a dictionary, but gave {board!r:.200}.")
        names = [station.name for station in stations]
        assert_equal(list(board), names, "The stations on the board, in order")
    by_label = sorted(stations, key=lambda station: station.label)
    ends_ns = [assert_course(run, station, board, patience_ns, stop_ns) for station in by_label]
    if run.stopped_ns is None:
        assert_took(run.kata, max(ends_ns, default=0))


async def open_stations(run, *traits):
    """A station for each of these (lengths of its attempts, further traits), in a drawn order."""
    names = run.names("station", len(traits))
    stations = []
    for number, (name, (takes_ms, more)) in enumerate(zip(names, traits, strict=True), start=1):
        stations.append(Station(run, number, name, takes_ms, **more))
        await stations[-1].open()
    run.rng.shuffle(stations)
    return stations


async def prompt_stations(run, count, **more):
    lengths = run.lengths_ms(count, 100, 1200)
    traits = [([ms], {"latency_ms": (5, 40, 20)[n % 3], **more}) for n, ms in enumerate(lengths)]
    return await open_stations(run, *traits)


async def three_stations(run):
    """One that is slow to connect, one that answers when asked again, one that never ends its line.

    Events are also when the patience with them is over, once and twice.
    """
    lengths = run.lengths_ms(3, 300, 1200)
    stations = await open_stations(
        run,
        ([lengths[0]], {"connects_after_ms": 350}),
        ([NEVER_MS, lengths[1]], {"begins": 5}),
        ([3 * PATIENCE_MS], {"drips": True}),
    )
    for number in (1, 2):
        asyncio.get_running_loop().call_later(number * PATIENCE_S, run.event, "patience", "is over")
    return stations


@points(2)
@sweep(amount("1", "2", "60"))
async def test_all_are_asked_at_once(run):
    """All stations are asked at the same instant, however many."""
    count = run.amount(6)
    await show(run, await open_stations(run, *[([1000], {})] * count))
    assert_overlaps(run, peak=count)


@points(2)
@sweep(amount("0", "1", "12"), network("bytes", "far", "connects-late"), only(*ANSWERS))
async def test_the_board_is_right(run):
    """Every station's answer is on the board, in order, as soon as the slowest has come."""
    stations = await prompt_stations(run, run.amount(3))
    if run.variant:
        stations[0].train = ANSWERS[run.variant]
    await show(run, stations)


@stage(2)
@points(3)
@sweep(limit())
async def test_each_station_has_its_patience_twice(run):
    """A station that is slow is cut off when its patience is over, asked again at once, and given up then."""
    stations = await three_stations(run)
    await show(run, stations, patience_s=run.limit_s(PATIENCE_S))


SLOW = {
    "letters-in-time": ([1700], {"drips": True}),
    "letters-for-too-long": ([2100], {"drips": True}),
    "far-away-in-time": ([700], {"latency_ms": 300}),
    "far-away-for-too-long": ([900], {"latency_ms": 300}),
    "silent": ([100], {"silent": True}),
    "slow-to-connect": ([1100], {"connects_after_ms": 1000}),
    "always-slow-to-connect": ([100], {"connects_after_ms": 2100}),
    "half-a-line": ([1900, 100], {"begins": 8, "connects_after_ms": 200}),
}


@stage(2)
@points(2)
@sweep(only(*SLOW, "no-patience"))
async def test_the_whole_request_is_limited(run):
    """The limit is on the whole request, from connecting to the end of the line."""
    slow = SLOW.get(run.variant, ([2100, 500], {}))
    stations = await open_stations(run, ([run.length_ms(100, 900)], {}), slow)
    await show(run, stations, patience_s=0 if run.variant == "no-patience" else PATIENCE_S)


@stage(3)
@points(3)
@sweep(limit(), only("no-time"))
async def test_the_board_has_a_deadline(run):
    """When the board's time is up, it is shown as it is, and all else is cut off at that instant."""
    stations = await three_stations(run)
    await show(run, stations, within_s=0 if run.variant else run.limit_s(LONG_S))


@stage(3)
@sweep(amount("60"), only("in-a-hurry", "with-silent-ones"))
async def test_many_slow_stations(run):
    """Many slow stations hold up nobody, and all are cut off with the board."""
    lengths = [([1500], {}), ([2500, 700], {}), ([NEVER_MS], {"begins": 3}), ([2500, 1700], {})]
    if run.variant == "with-silent-ones":
        lengths.append(([100], {"silent": True}))
    stations = await open_stations(run, *(lengths * (run.amount(4) // 4)))
    await show(run, stations, within_s=1.0 if run.variant == "in-a-hurry" else 3.0)


@stage(4)
@points(3)
@sweep(cancel())
async def test_cancelled(run):
    """Cancelled at any instant, it ends there, and so do all of its requests."""
    await show(run, await three_stations(run))


@stage(4)
@sweep(again("row", "together", "loop", "beside"))
async def test_boards_know_nothing_of_each_other(run):
    """Boards are read one after another and at once, whatever the end of each."""
    await show(run, await three_stations(run), within_s=3 * PATIENCE_S)


@stage(4)
@points(2)
@sweep(only("once-more"))
async def test_boards_of_the_same_stations(run):
    """Every board asks for itself; its end, whatever it is, does not disturb the others."""
    stations = await open_stations(run, ([300], {}), ([NEVER_MS, 700], {}), ([NEVER_MS], {}))
    for station in stations:
        station.boards = 3
    await three_boards(run, stations)
    if run.variant:
        for station in stations:
            station.attempts, station.train = 0, some_train(run.rng)
        await three_boards(run, stations)


async def three_boards(run, stations):
    """One that is cancelled, one whose time is soon up, and one that is read to its end."""
    names = [station.name for station in stations]
    known = {name: len(run.connections(name)) for name in names}
    ends_ms = (500, 1000, 5 * PATIENCE_MS)
    within_ms = (*ends_ms[1:], 7000)
    calls = [run.call("read_board", names, PATIENCE_S, each / 1000) for each in within_ms]
    await asyncio.sleep(ends_ms[0] / 1000)
    run.cancel()  # the last one
    hurried, calm, cancelled = [await run.outcome(call) for call in calls]
    check(
        cancelled.kind == "cancelled", "A board was cancelled, but the cancellation did not come out of it."
    )
    patience_ns = milliseconds(PATIENCE_MS)
    for station in stations:
        due = [next(courses(station, patience_ns, milliseconds(end_ms))) for end_ms in ends_ms]
        for outcome, (answer, _) in zip((hurried, calm), due[1:], strict=True):
            if outcome.error is not None:
                raise outcome.error
            assert_equal(dict(outcome.value)[station.name], answer, f"What is shown for {station.label}")
        connections = sorted(one for _, connections in due for one in connections)
        seen = sorted(run.connections(station.name)[known[station.name] :])
        text = f"For three boards {station.label} should be asked {connections}, but was asked {seen}."
        check(seen == connections or not clock_is_exact(), text)
    for what, outcome, end_ns in (
        ("A board that was cancelled", cancelled, milliseconds(ends_ms[0])),
        ("A board whose time was up", hurried, milliseconds(ends_ms[1])),
        ("One of several boards", calm, 2 * patience_ns),
    ):
        text = f"{what} should end after {show_ns(end_ns)}, but ended after {show_ns(outcome.at_ns)}."
        check(not is_off(outcome.at_ns, end_ns), text)

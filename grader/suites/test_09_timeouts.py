"""Kata 09: a deadline for every request, and one for all of them together."""

import asyncio

from grader.testing import (
    Verdict,
    an_instant,
    assert_equal,
    assert_took,
    check,
    explore,
    is_late,
    is_off,
    long_s,
    points,
    seconds,
    show_ns,
)

PORT = 7000
QUESTION = "next train?"
TOWNS = ("arles", "basel", "celje", "delft", "evora", "fulda", "genoa", "halle", "izmir", "jihlava")


class Station:
    """One station: what it does at each attempt, and when each connection came and was closed again.

    An attempt is a list of (pause in microseconds, text to send after it); the last one is repeated.
    """

    boards = 1
    """How many boards ask it at the same instant; each of them makes its first attempt then."""

    def __init__(self, net, clock, name, *attempts):
        self.net, self.clock, self.name, self.attempts = net, clock, name, attempts
        self.opened_ns = clock.now_ns
        self.asked_ns, self.gone_ns = [], []

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    async def answer(self, reader, writer):
        index = len(self.asked_ns)
        number = index // self.boards + 1
        attempt = self.attempts[min(number, len(self.attempts)) - 1]
        self.asked_ns.append(self.now_ns())
        self.gone_ns.append(None)
        speaking = None
        try:
            label, before = f"{self.name}, attempt {number}", f"{self.name}, attempt {number - 1}"
            with self.net.request(self.name, label, needs=[before] if number > 1 else []):
                question = (await reader.readline()).decode("utf-8", "replace").strip()
                attempt = attempt if question == QUESTION else [(0, "what?\n")]
                speaking = asyncio.create_task(self.speak(attempt, writer))
                await reader.read()
        finally:
            self.gone_ns[index] = self.now_ns()
        await speaking

    async def speak(self, attempt, writer):
        for pause_us, text in attempt:
            await asyncio.sleep(pause_us / 1e6)
            writer.write(text.encode())


def some_train(rng):
    hour, minute, platform = rng.randint(0, 23), rng.randint(0, 59), rng.randint(1, 99)
    return f"{hour:02}:{minute:02} to {rng.choice(TOWNS)}, platform {platform}"


def some_us(rng, low_us, high_us):
    """A length of time between two others, in whole microseconds."""
    return rng.randint(round(low_us), round(high_us))


class Railway:
    """A random railway: stations, how long each needs, and what the board should show."""

    def __init__(self, net, clock, rng):
        self.net, self.clock, self.rng = net, clock, rng
        self.patience_us = some_us(rng, 800_000, 1_500_000)
        self.stations, self.board = {}, {}

    @property
    def names(self):
        return list(self.stations)

    @property
    def patience_s(self):
        return self.patience_us / 1e6

    @property
    def patience_ns(self):
        return self.patience_us * 1000

    async def add(self, answer, *attempts, latency_us=0):
        name = f"{self.rng.choice(TOWNS)}-{self.rng.randrange(10**6):06}"
        station = Station(self.net, self.clock, name, *attempts)
        self.net.host(name, latency_s=latency_us / 1e6)
        await self.net.serve(name, PORT, station.answer)
        self.stations[name], self.board[name] = station, answer
        return station

    def some_long_s(self):
        """A limit for the whole board that is never reached."""
        return self.rng.randint(900_000, 1_100_000) / 1000

    async def add_some(self):
        """A few that answer before any of the others, so that no board is known by its size."""
        for _ in range(self.rng.randint(0, 4)):
            await self.add_prompt(0.02, 0.04)

    async def add_prompt(self, low=0.1, high=0.8):
        """One that answers at its first attempt, after a part of the patience; returns (station, when)."""
        train, after_us = some_train(self.rng), self.part_us(low, high)
        return await self.add(train, [(after_us, f"{train}\n")]), after_us * 1000

    async def add_slow(self, low=1.2, high=1.8):
        """One that answers at both attempts only when it is too late."""
        return await self.add(None, [(self.part_us(low, high), f"{some_train(self.rng)}\n")])

    async def add_second(self, low=0.1, high=0.8, *, in_time=True, begins=""):
        """One that ends no line at first, and answers at the second attempt; returns (station, when)."""
        train, after_us = some_train(self.rng), self.part_us(low, high)
        at_first = [(self.part_us(0.1, 0.8), begins)] if begins else []
        station = await self.add(train if in_time else None, at_first, [(after_us, f"{train}\n")])
        return station, (self.patience_us + after_us) * 1000

    async def add_halting(self):
        """One that begins its line early and ends it late, though within the patience."""
        begins_us, ends_us = self.part_us(0.05, 0.38), self.part_us(0.62, 0.9)
        line = some_train(self.rng) + "\n"
        return await self.add(None, [(begins_us, line[:5]), (ends_us - begins_us, line[5:])])

    def add_silent(self):
        """One that nothing ever comes from, not even a connection."""
        name = f"{self.rng.choice(TOWNS)}-{self.rng.randrange(10**6):06}"
        self.net.black_hole(name)
        self.stations[name], self.board[name] = Station(self.net, self.clock, name), None

    def part_us(self, low, high):
        return some_us(self.rng, low * self.patience_us, high * self.patience_us)

    def shuffle(self):
        names = self.names
        self.rng.shuffle(names)
        self.stations = {name: self.stations[name] for name in names}
        self.board = {name: self.board[name] for name in names}

    def renew(self):
        """Every station has another train, and gives it when first asked; returns when the last one does."""
        last_us = 0
        for name, station in self.stations.items():
            train, after_us = some_train(self.rng), self.part_us(0.1, 0.8)
            station.attempts, station.asked_ns, station.gone_ns = ([(after_us, f"{train}\n")],), [], []
            self.board[name] = train
            last_us = max(last_us, after_us)
        return last_us * 1000

    def call(self, kata, within_s=None):
        """Begin to read the board of the whole railway."""
        within_s = within_s or self.some_long_s()
        self.shuffle()
        for station in self.stations.values():
            station.opened_ns = self.clock.now_ns
        return kata.call("read_board", self.names, self.patience_s, within_s)

    def assert_board(self, board):
        """It is what the board should be."""
        check(isinstance(board, dict), f"`read_board` should return a dictionary, but gave {board!r:.200}.")
        assert_equal(list(board.items()), list(self.board.items()), "The board")

    async def show(self, kata, within_s=None):
        """Call `read_board` for the whole railway and compare what it gives."""
        self.assert_board(await self.call(kata, within_s))
        await nothing_open(self.net)


def assert_asked(station, expected_ns):
    """The station was asked at exactly these instants."""
    seen = len(station.asked_ns)
    if seen != len(expected_ns):
        text = f"A station should be asked {len(expected_ns)} time(s) here, but was asked {seen} time(s)."
        check(False, text, Verdict.NOT_CONCURRENT if seen < len(expected_ns) else Verdict.WRONG_ANSWER)
    for number, (seen_ns, due_ns) in enumerate(zip(station.asked_ns, expected_ns, strict=True), start=1):
        text = f"Attempt {number} should begin at {show_ns(due_ns)}, but began at {show_ns(seen_ns)}."
        verdict = Verdict.NOT_CONCURRENT if seen_ns > due_ns else Verdict.WRONG_ANSWER
        check(not is_off(seen_ns, due_ns), text, verdict)


def assert_closed(station, expected_ns):
    """Each connection to the station was closed by then."""
    count = len(station.gone_ns)
    text = f"There should be {len(expected_ns)} connections to a station, and there were {count}."
    check(count == len(expected_ns), text)
    for seen_ns, due_ns in zip(station.gone_ns, expected_ns, strict=True):
        when = "was still open at the end" if seen_ns is None else f"was open until {show_ns(seen_ns)}"
        text = f"A connection that should be closed at {show_ns(due_ns)} {when}."
        check(seen_ns is not None and not is_late(seen_ns, due_ns), text, Verdict.LEAKED)


async def nothing_open(net):
    """Every connection is closed, an instant after the board has been shown."""
    await an_instant()
    count = net.learner_connections()
    check(not count, f"{count} connection(s) were still open after `read_board` had ended.", Verdict.LEAKED)


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    trains = {"aarhus": (1.0, "14:05 to Odense"), "cork": (1.5, "14:12 to Mallow")}
    trains |= {"dresden": (0.5, "14:02 to Pirna"), "elche": (1.8, "14:20 to Murcia")}
    for name, (length_s, train) in trains.items():
        await net.serve_lines(name, PORT, lambda _, train=train: train, takes_s=length_s)
    await net.serve_lines("bergen", PORT, lambda _: "14:30 to Voss", takes_s=9.0)
    return seconds(4)


# -- each station's own deadline -------------------------------------------------------------------
async def test_board_is_right(kata, net, clock, rng):
    """Every station's answer is on the board, in the order asked, as soon as the slowest has come."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    prompt = [await railway.add_prompt() for _ in range(rng.randint(3, 9))]
    await railway.add("", [(railway.part_us(0.05, 0.09), "\n")])
    await railway.show(kata)
    assert_took(kata, max(after_ns for _, after_ns in prompt))


async def test_no_stations(kata, net, clock, rng):
    """The board of no stations is empty, and there at once."""
    await Railway(net, clock, rng).show(kata)
    assert_took(kata, 0)


async def test_the_next_board(kata, net, clock, rng):
    """Every board is asked for anew: what a station said before, or failed to say, does not count."""
    railway = Railway(net, clock, rng)
    for _ in range(2):
        await railway.add_prompt()
        await railway.add_second()
    await railway.add_slow()
    await railway.show(kata)
    last_ns = railway.renew()
    await railway.show(kata)
    assert_took(kata, last_ns)
    for station in railway.stations.values():
        assert_asked(station, [0])


@points(2)
@explore(seeds=10)
async def test_slow_stations_are_cut_off(kata, net, clock, rng):
    """A slow station is cut off at its deadline, asked again at once, and given up at its second one."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    slow = [await railway.add_slow() for _ in range(rng.randint(1, 3))]
    prompt = [await railway.add_prompt() for _ in range(rng.randint(1, 3))]
    second = [await railway.add_second() for _ in range(rng.randint(0, 2))]
    await railway.show(kata)
    assert_took(kata, 2 * railway.patience_ns)
    once_ns, twice_ns = railway.patience_ns, 2 * railway.patience_ns
    for station in slow:
        assert_asked(station, [0, once_ns])
        assert_closed(station, [once_ns, twice_ns])
    for station, after_ns in prompt:
        assert_asked(station, [0])
        assert_closed(station, [after_ns])
    for station, after_ns in second:
        assert_asked(station, [0, once_ns])
        assert_closed(station, [once_ns, after_ns])


async def test_second_chance(kata, net, clock, rng):
    """A station that answers at the second attempt is on the board, as soon as it has answered."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    second = [await railway.add_second(begins=begins) for begins in ("", "", "", "14:05 to")]
    await railway.add_prompt()
    await railway.show(kata)
    assert_took(kata, max(after_ns for _, after_ns in second))


async def test_silent_stations(kata, net, clock, rng):
    """A station that nothing comes from, not even a connection, is given up as any other."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    railway.add_silent()
    railway.add_silent()
    await railway.add_prompt()
    await railway.show(kata)
    assert_took(kata, 2 * railway.patience_ns)


async def test_letter_by_letter(kata, net, clock, rng):
    """The limit is on the whole request, however many single waits it is made of."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    for in_time in (True, False):
        line = some_train(rng) + "\n"
        letters_us = (0.85 if in_time else 1.15) * railway.patience_us / len(line)
        letters = [(some_us(rng, 0.9 * letters_us, 1.1 * letters_us), letter) for letter in line]
        await railway.add(line.strip() if in_time else None, letters)
    await railway.show(kata)
    assert_took(kata, 2 * railway.patience_ns, verdict=Verdict.WRONG_ANSWER)


async def test_far_away(kata, net, clock, rng):
    """The time that it takes to connect is part of the limit."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    train = some_train(rng)
    latency_us, thinking_us = railway.part_us(0.2, 0.22), railway.part_us(0.4, 0.5)
    await railway.add(None, [(thinking_us, f"{train}\n")], latency_us=latency_us)
    latency_us, thinking_us = railway.part_us(0.1, 0.12), railway.part_us(0.2, 0.4)
    await railway.add(train, [(thinking_us, f"{train}\n")], latency_us=latency_us)
    await railway.show(kata)
    assert_took(kata, 2 * railway.patience_ns, verdict=Verdict.WRONG_ANSWER)


# -- the deadline of the board ---------------------------------------------------------------------
@points(2)
@explore(seeds=20)
async def test_the_whole_board_has_a_deadline(kata, net, clock, rng):
    """When the board's time is up, it is shown as it is, and all else is cut off at that instant."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    within_us = railway.part_us(1.4, 1.6)
    slow = [await railway.add_slow() for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.3:
        railway.add_silent()
    prompt = [await railway.add_prompt() for _ in range(rng.randint(0, 2))]
    second = [await railway.add_second(0.1, 0.38) for _ in range(rng.randint(0, 2))]
    too_late = [await railway.add_second(0.62, 0.9, in_time=False) for _ in range(rng.randint(0, 2))]
    await railway.show(kata, within_us / 1e6)
    assert_took(kata, within_us * 1000, verdict=Verdict.WRONG_ANSWER)
    for station in [*slow, *(station for station, _ in too_late)]:
        assert_asked(station, [0, railway.patience_ns])
        assert_closed(station, [railway.patience_ns, within_us * 1000])
    for station, after_ns in prompt:
        assert_closed(station, [after_ns])
    for station, after_ns in second:
        assert_closed(station, [railway.patience_ns, after_ns])
    await nothing_asked_later(railway)


async def test_a_board_in_a_hurry(kata, net, clock, rng):
    """The board's time may be over before a single station has run out of its own."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    within_us = railway.part_us(0.4, 0.6)
    prompt = [await railway.add_prompt(0.05, 0.38) for _ in range(3)]
    late = [await railway.add_slow(0.62, 0.9), await railway.add_halting()]
    railway.add_silent()
    await railway.show(kata, within_us / 1e6)
    assert_took(kata, within_us * 1000, verdict=Verdict.WRONG_ANSWER)
    for station in late:
        assert_asked(station, [0])
        assert_closed(station, [within_us * 1000])
    for station, after_ns in prompt:
        assert_closed(station, [after_ns])
    await nothing_asked_later(railway)


async def nothing_asked_later(railway):
    """No station is asked once more after the board has been shown."""
    asked = sum(len(station.asked_ns) for station in railway.stations.values())
    await asyncio.sleep(long_s(60))
    now_asked = sum(len(station.asked_ns) for station in railway.stations.values())
    check(asked == now_asked, "Stations were asked after the board had been shown.", Verdict.LEAKED)


# -- the rest --------------------------------------------------------------------------------------
async def test_sixty_stations(kata, net, clock, rng):
    """Sixty stations take no longer than two."""
    railway = Railway(net, clock, rng)
    once, twice = [], []
    for _ in range(rng.randint(20, 25)):
        twice.append(await railway.add_slow())
        once.append((await railway.add_prompt())[0])
        twice.append((await railway.add_second())[0])
    await railway.show(kata)
    assert_took(kata, 2 * railway.patience_ns)
    for station in once:
        assert_asked(station, [0])
    for station in twice:
        assert_asked(station, [0, railway.patience_ns])


async def test_several_boards(kata, net, clock, rng):
    """Boards of the same stations are read at once; each asks for itself, and its end disturbs no other."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    prompt, _ = await railway.add_prompt(0.05, 0.09)
    slow, (second, _) = await railway.add_slow(), await railway.add_second()
    for station in railway.stations.values():
        station.boards = 3
    within_us = railway.part_us(0.2, 0.6)
    hurried = railway.call(kata, within_us / 1e6)
    names, patience_s = railway.names, railway.patience_s
    cancelled, calm = (kata.call("read_board", names, patience_s, railway.some_long_s()) for _ in range(2))
    await asyncio.sleep(railway.part_us(0.2, 0.6) / 1e6)
    cancelled.cancel()
    await asyncio.wait([hurried, cancelled, calm])
    check(cancelled.cancelled(), "A board was cancelled, but `read_board` did not pass the cancellation on.")
    asked = len(prompt.asked_ns)
    check(asked == 3, f"Three boards should ask a station three times, but it was asked {asked} time(s).")
    assert_asked(prompt, [0, 0, 0])
    railway.assert_board(await calm)
    railway.board[second.name] = None
    railway.assert_board(await hurried)
    for call, due_ns in ((hurried, within_us * 1000), (calm, 2 * railway.patience_ns)):
        took_ns = call.ended_ns - call.started_ns
        text = f"One of several boards should be there after {show_ns(due_ns)}, and took {show_ns(took_ns)}."
        check(not is_off(took_ns, due_ns), text)
    for station in (slow, second):
        assert_asked(station, [0, 0, 0, railway.patience_ns])
    await nothing_open(net)


async def test_cancelled_board(kata, net, clock, rng):
    """When nobody wants the board any more, its requests end at once."""
    for part in (0.5, 1.5):
        railway = Railway(net, clock, rng)
        await railway.add_some()
        slow = [await railway.add_slow() for _ in range(3)]
        await railway.add_prompt()
        for station in slow:
            station.opened_ns = clock.now_ns
        call = kata.call("read_board", railway.names, railway.patience_s, railway.some_long_s())
        stop_us = railway.part_us(part - 0.2, part + 0.2)
        await asyncio.sleep(stop_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        check(call.cancelled(), "The board was cancelled, but `read_board` did not pass the cancellation on.")
        took_ns = call.ended_ns - call.started_ns
        is_wrong = is_off(took_ns, stop_us * 1000)
        check(not is_wrong, "The board was cancelled, and went on for a while all the same.")
        await nothing_open(net)
        for station in slow:
            assert_closed(station, [railway.patience_ns, stop_us * 1000][-len(station.gone_ns) :])
        await nothing_asked_later(railway)


async def test_loop_stays_free(kata, net, clock, rng):
    """The event loop is never blocked."""
    railway = Railway(net, clock, rng)
    await railway.add_some()
    await railway.add_slow()
    await railway.add_prompt()
    async with kata.heartbeat():
        await railway.show(kata)

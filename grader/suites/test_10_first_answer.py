"""Kata 10: a race of mirrors, which the first good answer wins."""

import asyncio

from grader.testing import (
    Verdict,
    an_instant,
    assert_equal,
    assert_overlaps,
    assert_took,
    check,
    clock_is_exact,
    explore,
    is_late,
    is_off,
    points,
    seconds,
    show_ns,
    too_close,
)

PORT = 7000
PLACES = ("archipelago", "atoll", "marsh", "mouth", "peninsula", "port", "passage")
"""They begin with a letter of `map `, which the sheet's name holds as well: the prefix alone is to go."""
SORRY = ("sorry, torn", "sorry, lent out", "mapless today", "no map today", "map", "")
DEMO = {"north": 4.0, "south": 3.0, "east": 1.0, "west": 2.0}


RESET = object()


class Mirror:
    """One mirror: what it says and after how long, and when each connection came and was closed again.

    `says` is a list of (pause in microseconds, text); for None in place of a text it hangs up,
    for RESET it breaks the connection off.
    """

    def __init__(self, net, clock, name, sheet, says):
        self.net, self.clock, self.name, self.sheet, self.says = net, clock, name, sheet, says
        self.opened_ns = clock.now_ns
        self.asked_ns, self.gone_ns = [], []

    def now_ns(self):
        return self.clock.now_ns - self.opened_ns

    async def answer(self, reader, writer):
        index = len(self.asked_ns)
        self.asked_ns.append(self.now_ns())
        self.gone_ns.append(None)
        with self.net.request(self.name, self.sheet):
            try:
                asked = (await reader.readline()).decode("utf-8", "replace").strip()
                says = self.says if asked == self.sheet else [(0, f"no sheet {asked}\n")]
                speaking = asyncio.create_task(self.speak(says, writer))
                await reader.read()
            finally:
                self.gone_ns[index] = self.now_ns()
        await speaking

    async def speak(self, says, writer):
        for pause_us, text in says:
            await asyncio.sleep(pause_us / 1e6)
            if text is RESET:
                self.net.reset(writer)
                return
            if text is None:
                writer.close()
                return
            writer.write(text.encode())


class Race:
    """A sheet, the mirrors that have it or not, and how the race among them should end."""

    def __init__(self, net, clock, rng, sheet=None):
        self.net, self.clock, self.rng = net, clock, rng
        self.sheet = sheet or f"{rng.choice(PLACES)} map {rng.randrange(10**6)}"
        self.names, self.mirrors = [], []
        self.good, self.failed = [], {}
        """When a mirror has given its map, and which; when and why another has failed."""
        self.taken_us = set()

    @property
    def winner(self):
        """(when in ns, the map) of the first good answer."""
        return min(self.good)

    def first_map(self, seen):
        """The winner's map; of several too close to tell which is first, the one that was seen."""
        ends_ns, text = self.winner
        others = [other for other_ns, other in self.good if too_close(other_ns, ends_ns)]
        return seen if seen in others else text

    @property
    def reasons(self):
        return "; ".join(self.failed[name][1] for name in self.names)

    def some_us(self, low_ms=1, high_ms=2000):
        """A length of time in whole microseconds that no other mirror has."""
        while True:
            length_us = self.rng.randint(low_ms * 1000, high_ms * 1000)
            if length_us not in self.taken_us:
                self.taken_us.add(length_us)
                return length_us

    def new_name(self, latency_us=0):
        name = f"mirror-{self.rng.randrange(10**8):08}"
        self.names.append(name)
        self.net.host(name, latency_s=latency_us / 1e6)
        return name

    async def add(self, says, latency_us=0):
        name = self.new_name(latency_us)
        mirror = Mirror(self.net, self.clock, name, self.sheet, says)
        await self.net.serve(name, PORT, mirror.answer)
        self.mirrors.append(mirror)
        return name, mirror

    async def add_good(self, at_us=None, *, pieces=1, latency_us=0, text=None):
        """One that gives the map, complete after that long and said in that many pieces."""
        at_us = self.some_us() if at_us is None else at_us
        text = f"{self.sheet}, edition {self.rng.randrange(10**6)}" if text is None else text
        line = f"map {text}\n"
        cuts = sorted(self.rng.sample(range(4, len(line)), pieces - 1))
        texts = [line[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
        pauses = [0] * (pieces - 1) + [at_us]
        _, mirror = await self.add(list(zip(pauses, texts, strict=True)), latency_us)
        self.good.append((at_us * 1000 + 4 * latency_us * 1000, text))
        return mirror

    async def add_sorry(self, at_us=None, words=None):
        at_us = self.some_us() if at_us is None else at_us
        words = self.rng.choice(SORRY) if words is None else words
        name, mirror = await self.add([(at_us, f"{words}\n")])
        self.failed[name] = (at_us * 1000, f"{name} says {words}")
        return mirror

    async def add_breaking_off(self, at_us=None):
        at_us = self.some_us() if at_us is None else at_us
        name, _ = await self.add([(0, self.rng.choice(["map ", "map of the ", ""])), (at_us, None)])
        self.failed[name] = (at_us * 1000, f"{name} broke off")

    async def add_resetting(self):
        at_us = self.some_us()
        name, _ = await self.add([(0, self.rng.choice(["map of the ", ""])), (at_us, RESET)])
        self.failed[name] = (at_us * 1000, f"{name} cannot be reached")

    def add_refusing(self, latency_us=0):
        name = self.new_name(latency_us)
        self.failed[name] = (2 * latency_us * 1000, f"{name} cannot be reached")

    def add_unknown(self):
        """One whose name nobody knows."""
        name = f"unknown-{self.rng.randrange(10**8):08}"
        self.names.append(name)
        self.failed[name] = (0, f"{name} cannot be reached")

    async def add_failing(self):
        """One that fails in any way that a known host can."""
        kind = self.rng.choice([None, self.add_sorry, self.add_breaking_off, self.add_resetting])
        if kind is None:
            self.add_refusing(self.rng.choice([0, self.some_us(1, 800)]))
        else:
            await kind()

    async def add_silent(self):
        """One that nothing comes from: not a line, or, on the virtual clock, not even a connection."""
        if self.rng.random() < 0.5 or not clock_is_exact():
            await self.add([])
        else:
            self.net.black_hole(self.new_name())

    async def run(self, kata):
        """Have the sheet fetched, and see that what came is the first good answer, and came in time."""
        self.start()
        seen = await kata.call("fetch_sheet", self.sheet, self.names)
        ends_ns, _ = self.winner
        text = self.first_map(seen)
        texts = [text for _, text in self.good]
        if seen != text and seen in texts:
            check(False, "It returned a good answer, but not the first one.", Verdict.NOT_CONCURRENT)
        assert_equal(seen, text, "The sheet")
        assert_took(kata, ends_ns)
        await self.assert_over()

    def exchange(self, good, sorry):
        """From now on the one has a new edition of the map, at the old one's time, and the other is sorry."""
        ends_ns, _ = self.winner
        text = f"{self.sheet}, edition {self.rng.randrange(10**6)}"
        good.says, sorry.says = sorry.says, [(ends_ns // 1000, f"map {text}\n")]
        self.good = [(ends_ns, text)]

    def start(self):
        self.rng.shuffle(self.names)
        for mirror in self.mirrors:
            mirror.opened_ns = self.clock.now_ns
            mirror.asked_ns, mirror.gone_ns = [], []

    async def assert_over(self):
        """Every mirror has been asked once; every request is over, an instant after the race."""
        ended_ns = self.clock.now_ns
        await nothing_open(self.net)
        for mirror in self.mirrors:
            count = len(mirror.asked_ns)
            if mirror.net.host(mirror.name).latency_ns == 0:
                text = f"Each mirror should be asked once, but one was asked {count} times."
                check(count == 1, text, Verdict.WRONG_ANSWER if count else Verdict.NOT_CONCURRENT)
            for gone_ns in mirror.gone_ns:
                if mirror.net.host(mirror.name).latency_ns == 0:
                    late = gone_ns is None or is_late(gone_ns + mirror.opened_ns, ended_ns)
                    check(not late, "A request was still under way when `fetch_sheet` ended.", Verdict.LEAKED)


def some_count(rng):
    """How many mirrors there are of a kind."""
    return rng.randint(4, 9)


async def nothing_open(net):
    """Every connection is closed, an instant after the sheet has come."""
    await an_instant()
    count = net.learner_connections()
    check(not count, f"{count} connection(s) were still open after `fetch_sheet` had ended.", Verdict.LEAKED)


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    for name, length_s in DEMO.items():

        def answer(sheet, name=name):
            has_it = sheet == "harbour 3" and name != "north"
            return f"map {sheet}, as {name} has it" if has_it else "sorry, lent out"

        await net.serve_lines(name, PORT, answer, takes_s=length_s)
    return seconds(DEMO["east"] + max(DEMO["north"], DEMO["south"]))


# -- somebody has it -------------------------------------------------------------------------------
async def test_the_first_answer_is_returned(kata, net, clock, rng):
    """The sheet comes from the mirror that is first, at that instant."""
    for count in (1, 2, some_count(rng)):
        race = Race(net, clock, rng)
        for _ in range(count):
            await race.add_good()
        await race.run(kata)


async def test_all_are_asked_at_once(kata, net, clock, rng):
    """All mirrors are asked at the same instant."""
    race = Race(net, clock, rng)
    count = some_count(rng)
    for _ in range(count):
        await race.add_good(race.some_us(500, 2000))
    await race.run(kata)
    late_ns = max(mirror.asked_ns[0] for mirror in race.mirrors)
    text = f"A mirror was asked {show_ns(late_ns)} after the first one."
    check(not is_off(late_ns, 0), text, Verdict.NOT_CONCURRENT)
    assert_overlaps(net, peak=count)


@points(2)
@explore(seeds=40)
async def test_a_failure_is_not_an_answer(kata, net, clock, rng):
    """The first good answer wins, whoever fails before it, and the losers are over at that instant."""
    race = Race(net, clock, rng)
    for _ in range(rng.randint(1, 3)):
        await race.add_good(pieces=rng.randint(1, 3))
    for _ in range(rng.randint(1, 4)):
        await race.add_failing()
    for _ in range(rng.randint(0, 2)):
        await race.add_silent()
    await race.run(kata)


async def test_the_last_one_has_it(kata, net, clock, rng):
    """When all others have failed, the slowest is waited for, be its map empty; next time another has it."""
    race = Race(net, clock, rng)
    good = await race.add_good(race.some_us(20_000, 30_000), text="")
    race.add_refusing()
    sorry = await race.add_sorry()
    for _ in range(rng.randint(1, 3)):
        await race.add_sorry()
        await race.add_breaking_off()
    await race.run(kata)
    race.exchange(good, sorry)
    await race.run(kata)


async def test_a_connection_is_not_an_answer(kata, net, clock, rng):
    """It is the answer that counts, not who is connected first; and not who speaks first."""
    race = Race(net, clock, rng)
    await race.add_good(race.some_us(1500, 2000), pieces=4)
    await race.add_good(race.some_us(200, 300), latency_us=rng.randint(100_000, 150_000))
    await race.add_good(race.some_us(1000, 1400), latency_us=rng.randint(400_000, 500_000))
    await race.run(kata)


async def test_dead_heat(kata, net, clock, rng):
    """Answers and failures may arrive at the same instant."""
    for good in (1, 1, 1, 1, 1, 3):
        race = Race(net, clock, rng)
        at_us = race.some_us()
        for _ in range(rng.randint(2, 4)):
            await race.add_sorry(at_us)
            await race.add_breaking_off(at_us)
        for _ in range(good):
            await race.add_good(at_us)
        await race.add_good(race.some_us(2100, 2200))
        race.start()
        seen = await kata.call("fetch_sheet", race.sheet, race.names)
        first = [text for ends_ns, text in race.good if ends_ns == at_us * 1000]
        check(seen in first, f"The sheet should be {first[0]!r}, but your code gave {seen!r:.200}.")
        assert_took(kata, at_us * 1000)
        await race.assert_over()


# -- nobody has it ---------------------------------------------------------------------------------
async def test_all_fail(kata, net, clock, rng):
    """If all fail, one error gives every mirror's reason, in the order of the mirrors."""
    for sorry in ((), SORRY[:3], SORRY[3:]):
        race = Race(net, clock, rng)
        race.add_unknown()
        if sorry:
            race.add_refusing(race.some_us(1, 800))
            await race.add_breaking_off()
            await race.add_resetting()
        for words in sorry:
            await race.add_sorry(words=words)
        race.start()
        error = await error_of(kata.call("fetch_sheet", race.sheet, race.names))
        assert_equal((type(error).__name__, str(error)), ("NoMirrorError", race.reasons), "The error")
        assert_took(kata, max(at_ns for at_ns, _ in race.failed.values()))
        await race.assert_over()


async def error_of(call):
    """The error that a call raises; fails if it returns."""
    try:
        seen = await call
    except Exception as error:
        if not hasattr(error, "guest_record"):
            raise
        return error
    check(False, f"No mirror has the sheet: NoMirrorError should be raised, but it returned {seen!r:.200}.")
    return None


# -- the rest --------------------------------------------------------------------------------------
async def test_cancelled_fetch(kata, net, clock, rng):
    """When nobody wants the sheet any more, all requests end at once."""
    for _ in range(3):
        race = Race(net, clock, rng)
        for _ in range(rng.randint(1, 6)):
            await race.add_good(race.some_us(1000, 2000))
        await race.add_sorry(race.some_us(1, 900))
        await race.add_silent()
        race.start()
        call = kata.call("fetch_sheet", race.sheet, race.names)
        stop_us = race.some_us(1, 950)
        await asyncio.sleep(stop_us / 1e6)
        call.cancel()
        await asyncio.wait([call])
        check(call.cancelled(), "The fetch was cancelled, but `fetch_sheet` did not pass that on.")
        took_ns = call.ended_ns - call.started_ns
        is_wrong = is_off(took_ns, stop_us * 1000)
        check(not is_wrong, "The fetch was cancelled, and went on for a while all the same.")
        await race.assert_over()


async def test_forty_at_once(kata, net, clock, rng):
    """Forty fetches at once, two for each sheet: every one is as quick as if it were alone."""
    races = [Race(net, clock, rng) for _ in range(20)]
    for race in races:
        await race.add_good()
        await race.add_good()
        await race.add_failing()
        race.start()
    calls = [kata.call("fetch_sheet", race.sheet, race.names) for race in races]
    await asyncio.sleep(0.0005)  # before any mirror has answered, so that the second calls meet the first
    calls += [kata.call("fetch_sheet", race.sheet, race.names) for race in races]
    sheets = await asyncio.gather(*calls)
    expected = [race.first_map(seen) for race, seen in zip(races * 2, sheets, strict=True)]
    assert_equal(sheets, expected, "The sheets")
    for call, race in zip(calls, races * 2, strict=True):
        took_ns = call.ended_ns - call.started_ns
        text = "With many sheets on their way at once, one of them took longer than it does alone."
        check(not is_late(took_ns, race.winner[0]), text, Verdict.NOT_CONCURRENT)
    counts = {len(mirror.asked_ns) for race in races for mirror in race.mirrors}
    check(counts == {2}, "Two fetched the same sheet at once, and not every mirror was asked once by each.")
    await nothing_open(net)


async def test_loop_stays_free(kata, net, clock, rng):
    """The event loop is never blocked."""
    race = Race(net, clock, rng)
    for _ in range(rng.randint(3, 5)):
        await race.add_good(race.some_us(500, 2000))
        await race.add_failing()
    async with kata.heartbeat():
        await race.run(kata)

"""Faults: what a sweep does to a check, one of them in each run.

A check that is swept runs once without a fault. What happened then is numbered: a participant's step begins
or ends, a connection comes in, a line is asked or answered. Then it runs again for each fault, one by one:
`cancel@3` cancels the call right at event 3. The model is SQLite's tests, which make the n-th allocation
fail, for every n.

Rules
-----
1. The list of faults depends on the contract and on the events alone: no seed chooses which faults run.
2. Events are merged by kind: of each participant the first, the middle and the last count. A check has two
   or three participants, so that a list holds at most `MAX_RUNS` faults.
3. The list is ordered: fewest participants first, then the earliest event. The first fault in it that fails
   is the one that a learner is told of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from grader.records import Record

MAX_RUNS = 80
ALL_EVENTS = 12
"""So many events count each for itself; more are merged by kind."""
ALL_STEPS = 6
"""So many steps may each be the one that fails; of more it is the first, the middle and the last."""
MIDWAY = "midway"
MIDWAY_WAYS = (MIDWAY, "again", "often", "chased", "eve")
"""Ways of the row `cancel` that begin between an event and the next one."""
T = TypeVar("T")


class Event(Record, frozen=True):
    """Something that the judge saw happen in a run, at `at_ns` of the virtual clock."""

    participant: str
    what: str
    """`begins`, `ends` (a step), `connects`, `asks`, `answers` (a server), or a suite's own word."""
    at_ns: int

    @property
    def words(self) -> str:
        return f"{self.participant} {_WORDS.get(self.what, self.what)}"


_WORDS = {
    "begins": "begins",
    "ends": "ends",
    "connects": "gets a connection",
    "asks": "is asked",
    "answers": "answers",
}


class Fault(Record, frozen=True):
    """One thing that goes otherwise in one run. Its name is what `kata check --fault` takes."""

    row: str
    way: str = ""
    at: int | None = None
    """The number of an event, or of a step or participant, from 0."""
    participant: str = ""
    """Whom it happens to, where it is one of them."""
    words: str = ""
    """For the learner: `cancelled just after oslo is asked`."""

    @property
    def name(self) -> str:
        way = f"-{self.way}" if self.way else ""
        at = "" if self.at is None else f"@{self.at}"
        return f"{self.row}{way}{at}"


_NAME = re.compile(r"(?P<row>[a-z]+)(?:-(?P<way>[\w.-]+?))?(?:@(?P<at>\d{1,6}))?")


def is_fault_name(text: str) -> bool:
    """Whether a fault could be called so."""
    return _NAME.fullmatch(text) is not None


class Row(Record, frozen=True):
    """One row of the palette, as a contract asks for it: a kind of fault, with the ways that apply."""

    name: str
    ways: tuple[str, ...]

    def faults(self, events: Sequence[Event]) -> list[Fault]:
        """Every fault of this row, for a run in which this happened."""
        return _MAKERS[self.name](self, events)


# -- the rows --------------------------------------------------------------------------------------
def cancel(*ways: str) -> Row:
    """The call is cancelled: right at an event, one turn of the loop later, and midway to the next one.

    Further ways: two (`2-turns`) or three turns after an event; at the instant of the next event, and before
    it (`eve`), which may be the end of a pause; midway and then `again` and again at the
    same instant; `often`, twenty times up to the next event and as often after it; `chased`, once more at
    each event that follows.
    """
    return Row(name="cancel", ways=ways or ("", "turn", MIDWAY))


def slow(*ways: str) -> Row:
    """The call is cancelled while a participant's step is under way, which then takes a while to stop.

    Ways: it stops (``); it `fails` with another error; it `answers` after all; the call is cancelled
    `twice`, the second time while the step stops. Further ways: `all`, `all-twice`: as long as it takes every
    step that is under way.
    """
    return Row(name="slow", ways=ways or ("", "fails", "answers", "twice"))


def timeout(*ways: str) -> Row:
    """The caller has `asyncio.timeout` around the call, which expires, and then works on.

    Ways: `slow`, with a step that takes a while to stop; `caught`, by a caller as for the row `caught`.
    """
    return Row(name="timeout", ways=ways or ("", "slow", "caught"))


def caught() -> Row:
    """The caller has caught a cancellation before it calls: `Task.cancelling()` is 1, and must stay so."""
    return Row(name="caught", ways=("",))


def fail(*ways: str) -> Row:
    """A participant's step raises: at its end, or for `at-once` before it waits for anything.

    Ways are the names of `ERRORS`.
    """
    return Row(name="fail", ways=ways or ("OSError", "Stranger"))


def lose(*ways: str) -> Row:
    """A server cannot be talked with: the ways in which a connection fails."""
    return Row(name="lose", ways=ways or ("refused", "reset", "half"))


def network(*ways: str) -> Row:
    """What arrives comes otherwise: byte by byte (`bytes`), after a long way (`far`), slowly connected
    (`connects-late`), read slowly so that `drain` waits (`reads-late`)."""
    return Row(name="network", ways=ways or ("bytes", "far"))


def value(*ways: str) -> Row:
    """A value is not what one expects: see `VALUES`."""
    return Row(name="value", ways=ways or ("None", "0", "empty", "error", "list"))


def amount(*ways: str) -> Row:
    """How many there are: a number, or `twice`, the same one two times."""
    return Row(name="amount", ways=ways or ("0", "1", "twice", "200"))


def limit(*ways: str) -> Row:
    """A limit of the call falls just `before`, `at` or just `after` an event.

    A further way: `slow`, in the midst of a step, which then takes a while to stop.
    """
    return Row(name="limit", ways=ways or ("before", "at", "after"))


def act(*ways: str) -> Row:
    """What the check says (`run.act = ...`) is done at an event: a `stop()`, a second call, a `close()`."""
    return Row(name="act", ways=ways or ("", "turn", MIDWAY))


def again(*ways: str) -> Row:
    """The same once more: in a `row`, both `together`, or in a second event `loop` of the same module.

    A further way: `beside`, both together, and the other one is cancelled midway to its next event.
    """
    return Row(name="again", ways=ways or ("row", "together", "loop"))


def only(*ways: str) -> Row:
    """Variants of the suite's own, which the check asks for by `run.variant`."""
    return Row(name="only", ways=ways)


# -- which faults there are ------------------------------------------------------------------------
def faults_of(rows: Sequence[Row], events: Sequence[Event]) -> list[Fault]:
    """All faults of these rows in their order, at most `MAX_RUNS`: the tail of the longest row goes first."""
    by_row = [row.faults(events) for row in rows]
    while sum(map(len, by_row)) > MAX_RUNS:
        longest = max(by_row, key=len)
        del longest[len(longest) // 2]
    return [fault for faults in by_row for fault in faults]


def chosen(events: Sequence[Event]) -> list[int]:
    """The numbers of the events that count: all, or of each participant and kind first, middle and last."""
    if len(events) <= ALL_EVENTS:
        return list(range(len(events)))
    numbers: dict[tuple[str, str], list[int]] = {}
    participants = _first_middle_last(list(dict.fromkeys(event.participant for event in events)))
    for number, event in enumerate(events):
        if event.participant in participants:
            numbers.setdefault((event.participant, event.what), []).append(number)
    return sorted({one for each in numbers.values() for one in _first_middle_last(each)})


def _first_middle_last(items: list[T]) -> list[T]:
    return list(dict.fromkeys((items[0], items[len(items) // 2], items[-1]))) if items else []


def gap_ns(events: Sequence[Event], number: int) -> int:
    """How long after that event nothing else happens."""
    at_ns = events[number].at_ns
    later = [event.at_ns for event in events[number + 1 :] if event.at_ns > at_ns]
    return min(later) - at_ns if later else 0


def _at_events(verb: str) -> Callable[[Row, Sequence[Event]], list[Fault]]:
    def make(row: Row, events: Sequence[Event]) -> list[Fault]:
        faults = []
        for number in chosen(events):
            for way in row.ways:
                if way in MIDWAY_WAYS and not gap_ns(events, number):
                    continue
                words = f"{verb} {_WHEN[way].format(events[number].words)}"
                faults.append(Fault(row=row.name, way=way, at=number, words=words))
        return faults

    return make


_WHEN = {
    "": "just as {}",
    "turn": "just after {}",
    "2-turns": "two turns of the loop after {}",
    "3-turns": "three turns of the loop after {}",
    MIDWAY: "some time after {}",
    "again": "some time after {}, several times at the same instant",
    "eve": "at the instant at which something comes after {}",
    "often": "some time after {}, and then again and again",
    "chased": "some time after {}, and again whenever something happens",
}


def _stopping(row: Row, events: Sequence[Event]) -> list[Fault]:
    hows = {
        "": "takes a while to stop",
        "fails": "fails while it stops",
        "answers": "answers in spite of it",
        "twice": "takes a while to stop, and is cancelled again meanwhile",
        "all": "takes a while to stop, as all others do",
        "all-twice": "takes a while to stop, as all others do, and is cancelled again meanwhile",
    }
    begins = [n for n in chosen(events) if events[n].what == "begins" and gap_ns(events, n)]
    faults = []
    for number in begins:
        for way in row.ways:
            words = f"it is cancelled after {events[number].words}, which then {hows[way]}"
            faults.append(Fault(row=row.name, way=way, at=number, words=words))
    return faults


def _expiring(row: Row, events: Sequence[Event]) -> list[Fault]:
    faults = []
    for number in chosen(events):
        for way in row.ways:
            is_step = events[number].what == "begins"
            if gap_ns(events, number) and (way != "slow" or is_step):
                more = _EXPIRING[way]
                words = f"its caller has an `asyncio.timeout` that expires after {events[number].words}{more}"
                faults.append(Fault(row=row.name, way=way, at=number, words=words))
    return faults


_EXPIRING = {
    "": "",
    "slow": ", which takes a while to stop",
    "caught": ", and has caught a cancellation before",
}


def _at_steps(row: Row, events: Sequence[Event]) -> list[Fault]:
    steps = [event for event in events if event.what == "begins"]
    return [
        Fault(row=row.name, way=way, at=n, words=f"{steps[n].participant} fails ({way.replace('-', ' ')})")
        for n in _some_steps(len(steps))
        for way in row.ways
    ]


def _some_steps(count: int) -> list[int]:
    numbers = list(range(count))
    return numbers if count <= ALL_STEPS else _first_middle_last(numbers)


def _at_participants(row: Row, events: Sequence[Event]) -> list[Fault]:
    names = list(dict.fromkeys(event.participant for event in events if event.what == "connects"))
    faults = []
    for name in _first_middle_last(names):
        for way in row.ways:
            words = f"{name} {_LOST.get(way, way)}"
            at = names.index(name)
            faults.append(Fault(row=row.name, way=way, at=at, participant=name, words=words))
    return faults


def _limits(row: Row, events: Sequence[Event]) -> list[Fault]:
    faults = []
    for number in chosen(events):
        event = events[number]
        for way in row.ways:
            is_slow = way == "slow"
            words = f"a limit falls just {way} {event.words}"
            if is_slow:
                words = f"a limit falls some time after {event.words}, which then takes a while to stop"
            if event.what == "begins" and gap_ns(events, number) if is_slow else event.at_ns > 0:
                faults.append(Fault(row=row.name, way=way, at=number, words=words))
    return faults


def _plain(words: str) -> Callable[[Row, Sequence[Event]], list[Fault]]:
    def make(row: Row, events: Sequence[Event]) -> list[Fault]:
        texts = [_PLAIN.get(f"{row.name} {way}") or _PLAIN.get(way) or words.format(way) for way in row.ways]
        return [Fault(row=row.name, way=way, words=text) for way, text in zip(row.ways, texts, strict=True)]

    return make


def _variants(row: Row, events: Sequence[Event]) -> list[Fault]:
    return [Fault(row=row.name, way=way, words=_PLAIN.get(way, way.replace("-", " "))) for way in row.ways]


def _again(row: Row, events: Sequence[Event]) -> list[Fault]:
    faults = []
    for fault in _plain("{}")(row, events):
        if fault.way == "beside":
            for number in chosen(events):
                if gap_ns(events, number):
                    words = f"{fault.words} some time after {events[number].words}"
                    faults.append(Fault(row=row.name, way=fault.way, at=number, words=words))
        else:
            faults.append(fault)
    return faults


_PLAIN = {
    "bytes": "every answer arrives byte by byte",
    "far": "the way to every server is long",
    "connects-late": "connecting takes a while",
    "reads-late": "a server takes a while before it reads",
    "twice": "the same one is there twice",
    "amount 0": "there is none",
    "amount 1": "there is only one",
    "value 0": "a value is 0",
    "row": "it is called twice, one call after the other",
    "together": "it is called twice at once",
    "beside": "another call at the same time is cancelled",
    "loop": "it is called again in a second event loop",
    "None": "a value is None",
    "False": "a value is False",
    "empty": "a value is an empty text",
    "fraction": "a value is a fraction",
    "nan": "a value is NaN",
    "error": "a value is an exception object",
    "list": "a value cannot be hashed",
    "long": "a value is very long",
}
_LOST = {
    "refused": "refuses the connection",
    "no-route": "cannot be reached",
    "no-network": "cannot be reached",
    "timed-out": "does not answer the connection",
    "no-name": "has no address",
    "silent": "never answers at all",
    "reset-connecting": "breaks off while the connection is being made",
    "reset": "breaks off before it has answered",
    "reset-asked": "breaks off once it has been asked",
    "reset-half": "breaks off in the middle of its answer",
    "reset-late": "breaks off after it has answered",
    "no-text": "answers with bytes that are no text",
    "hang-up": "closes the connection without an answer",
    "half": "closes the connection in the middle of its answer",
}


_MAKERS: dict[str, Callable[[Row, Sequence[Event]], list[Fault]]] = {
    "amount": _plain("there are {}"),
    "value": _plain("a value is {}"),
    "network": _plain("{}"),
    "again": _again,
    "only": _variants,
    "caught": _plain("its caller has caught a cancellation before"),
    "cancel": _at_events("it is cancelled"),
    "act": _at_events("it is stopped"),
    "slow": _stopping,
    "timeout": _expiring,
    "fail": _at_steps,
    "lose": _at_participants,
    "limit": _limits,
}


# -- what the ways mean ----------------------------------------------------------------------------
ERRORS: dict[str, Callable[[str], BaseException]] = {
    "OSError": OSError,
    "ValueError": ValueError,
    "LookupError": LookupError,
    "TimeoutError": TimeoutError,
    "ConnectionError": ConnectionError,
    "ConnectionResetError": ConnectionResetError,
    "BrokenPipeError": BrokenPipeError,
    "RuntimeError": RuntimeError,
    "EOFError": EOFError,
    "StopAsyncIteration": StopAsyncIteration,
    "Stranger": RuntimeError,
    "group": lambda text: ExceptionGroup(text, [ValueError(text), KeyError(text)]),
    "BaseException": BaseException,
    "at-once": OSError,
}
"""What a failing step raises, by the way's name. `at-once` fails before it has waited for anything."""


VALUES: dict[str, Callable[[], object]] = {
    "None": lambda: None,
    "0": lambda: 0,
    "False": lambda: False,
    "empty": lambda: "",
    "fraction": lambda: 0.5,
    "nan": lambda: float("nan"),
    "error": lambda: ValueError("a value like any other"),
    "list": lambda: ["not", "hashable"],
    "long": lambda: "x" * 20_000,
}
"""Unusual values, by the way's name."""

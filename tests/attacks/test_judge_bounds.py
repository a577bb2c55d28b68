"""What a guest sends never costs the judge more than 500 MB, nor 5 s of CPU beyond the guest's own limits.

Each case runs in a process of its own under limits of the system's (`under_limits`), and must end with a
verdict. Sizes are counts, so that the same messages always come to the same verdict.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import wire
from grader.diagnosis import CATALOGUE, diagnose
from grader.errors import WireError
from grader.records import BlockedStretch, Exchange, History, Snapshot, TaskState, Verdict
from grader.trace.concurrency import critical_path, scheduled
from grader.trace.timeline import best_of, timeline_of
from grader.wire.values import MAX_MEMBERS
from tests.attacks.fake_guest import body
from tests.attacks.test_fuzz import IDLES, packed
from tests.attacks.under_limits import GUEST, run, verdict_of

PRIME = (1 << 61) - 1
"""Whole numbers that differ by a multiple of it have one hash."""
LOADED = body(wire.Idle(None, [wire.Loaded(None)]))


def state(number: int, name: str = "t" * 200) -> TaskState:
    lane = f"{name[:190]}{number}"
    return TaskState(task=lane, line=number % 7 + 1, function="read_all", waiting_on="w" * 200)


def moment(at: int, count: int) -> wire.Moment:
    return wire.Moment(at_ns=0, states=[state(at * count + number) for number in range(count)], over=[])


def record(kind: str, *arguments: Any, members: int = 0, depth: int = 0) -> wire.ExceptionRecord:
    """An exception; a group of so many members, each of which has so many, so deep."""
    inside = (
        () if depth == 0 else tuple(record(kind, members=members, depth=depth - 1) for _ in range(members))
    )
    values = tuple(packed(one) for one in arguments)
    return wire.ExceptionRecord((kind, "Exception"), "m", values, ("n",) * 10, (), inside)


def answers(value: Any) -> list[wire.Action]:
    """It as the result of every call, so that some call gets it."""
    return [wire.Returned(number, packed(value)) for number in range(1, 5)]


def colliding_map(count: int) -> wire.Packed:
    """A map of msgpack's whose keys are lists of -1 and -2, for which Python has one and the same hash."""
    keys = (bytes(0xFF if number >> bit & 1 else 0xFE for bit in range(17)) for number in range(count))
    pairs = b"".join(b"\xdc\x00\x11" + key + b"\x00" for key in keys)
    return wire.Packed(msgspec.Raw(b"\xdf" + count.to_bytes(4) + pairs))


def bits(number: int) -> list[int]:
    return [-1 - (number >> bit & 1) for bit in range(10)]


def ask(number: int, value: Any = 0) -> wire.CallbackCall:
    """A call of the suite's callable that has that number, with a value."""
    return wire.CallbackCall(number, 1 + number % 2, packed(["tuple", [value]]), packed(["dict", []]))


def wide(count: int) -> list[Any]:
    return ["list", [0] * count]


def connects(count: int, host: str) -> list[wire.Action]:
    return [wire.Connect(2 * n + 1, ("", 0), (host, 7000)) for n in range(count)]


def sends(count: int, data: bytes, number: int = 1) -> list[wire.Action]:
    return [wire.Transmit(number, data)] * count


def spawn(count: int) -> wire.Spawn:
    return wire.Spawn(count, b"sh", (b"ab",) * min(count, 10_000), b"/", None)


MANY: dict[str, Callable[[int], list[wire.Action]]] = {
    "a map of colliding keys": lambda n: [wire.Returned(number, colliding_map(n)) for number in (1, 2)],
    "a dict of colliding keys": lambda n: answers(
        ["dict", [[["int", hex(PRIME * one)], 0] for one in range(n)]]
    ),
    "a set of colliding numbers": lambda n: answers(["set", [["int", hex(PRIME * one)] for one in range(n)]]),
    "a set of colliding lists": lambda n: answers(
        ["set", [["tuple", bits(one)] for one in range(min(n, 700))]]
    ),
    "a set of fractions": lambda n: answers(["frozenset", [one * 2.0**70 for one in range(n)]]),
    "members": lambda n: answers(wide(n)),
    "members of members": lambda n: answers(["list", [wide(100)] * (n // 100 + 1)]),
    "empty lists": lambda n: answers([[]] * n),
    "great numbers": lambda n: answers(["list", [["int", "0x" + "f" * 2_999]] * (n // 100 + 1)]),
    "a long text": lambda n: answers("x" * n),
    "values": lambda n: [action for _ in range(n // 1_000 + 1) for action in answers(wide(1_000))],
    "an exception group": lambda n: [
        wire.Raised(c, record("ExceptionGroup", members=n, depth=1)) for c in (1, 2)
    ],
    "groups of groups": lambda n: [wire.Died(record("ExceptionGroup", members=min(n, 40), depth=3))],
    "a syntax error's place": lambda n: [
        wire.Raised(c, record("SyntaxError", "no", ["tuple", ["f", 1, 1, "x" * 99, 1, n * 10**5]]))
        for c in (1, 2)
    ],
    "an exception's arguments": lambda n: [wire.Died(record("KeyError", *["x" * (n // 10)] * 9))],
    "exceptions": lambda n: [
        wire.Raised(1 + one % 4, record("OSError", 1, "x")) for one in range(n // 1_000)
    ],
    "moments": lambda n: [wire.Noted([], [moment(one, 10)]) for one in range(n // 200 + 1)],
    "moments of many tasks": lambda n: [
        wire.Noted([], [moment(0, 200)]),
        *[wire.Noted([], [moment(0, 1)])] * n,
    ],
    "long lanes": lambda n: [wire.Noted([], [moment(one, 200)] * 2) for one in range(n // 20_000 + 1)],
    "blocked stretches": lambda n: [
        wire.Noted([], [moment(0, 200)]),
        *[wire.Noted([BlockedStretch(what="w", line=1, function="f", start_ns=0, end_ns=0)], [])] * n,
    ],
    "what is left": lambda n: [
        wire.Inspected(History(pending=tuple(map(state, range(min(n, 200)))), never_awaited=(("f", 1),) * n))
    ],
    "requests": lambda n: [*connects(1, "10.0.0.3"), *sends(n, b"a\n")],
    "lines of one byte": lambda n: [*connects(1, "10.0.0.3"), *sends(n, b"a")],
    "bytes to a server that reads all": lambda n: [
        *connects(20, "10.0.0.4"),
        *sends(n // 1_000, bytes(60_000), 3),
    ],
    "connections": lambda n: [*connects(n, "10.0.0.4")],
    "listeners": lambda n: [wire.Listen(2 * one + 1, ("", one)) for one in range(n)],
    "datagrams": lambda n: [wire.SendDatagram(("", 1), ("10.0.0.3", 9), b"x" * 40)] * n,
    "names": lambda n: [wire.Resolve(one, "n" * 200) for one in range(n // 10)],
    "calls": lambda n: [ask(one) for one in range(n)],
    "calls with values": lambda n: [ask(one, wide(1_000)) for one in range(n // 100)],
    "lines of output": lambda n: [wire.Printed("stdout", "")] * n,
    "programs": lambda n: [spawn(one) for one in range(1, n // 1_000 + 2)],
    "programs with arguments": lambda n: [spawn(n)],
    "files": lambda n: [
        wire.AskDisk(one, "open", b"/srv/" + b"x" * 300, 0, 0, 0, b"") for one in range(n // 100)
    ],
    "compiled code": lambda n: [wire.Compiled(bytes(n))],
    "what is missing": lambda n: [wire.Entered("none", ["x"] * n)],
    "pongs": lambda n: [wire.Pong(one) for one in range(n)],
}
"""Kinds of what a guest may send very much of: each gives some messages of about that count."""
MOST = 80_000


def frame(actions: list[wire.Action], until_ns: int | None = 0) -> bytes:
    """A message of no more than these actions that a frame can hold."""
    while len(found := body(wire.Idle(until_ns, actions))) > GUEST.frame_bytes and len(actions) > 1:
        actions = actions[: len(actions) * GUEST.frame_bytes // len(found) - 1]
    return found


@pytest.mark.parametrize("kind", MANY)
@pytest.mark.parametrize("repeats", [False, True], ids=["once", "for ever"])
def test_very_much_of_one_thing_ends_in_a_verdict(kind: str, repeats: bool) -> None:
    verdict = verdict_of([LOADED, frame(MANY[kind](MOST))], repeats=repeats)
    assert verdict not in (Verdict.ACCEPTED, Verdict.JUDGE_ERROR)


AMOUNTS = st.sampled_from([1, 200, 3_000, MOST])
BLOWN_UP = st.builds(
    lambda kinds, until: frame([one for kind, count in kinds for one in MANY[kind](count)], until),
    st.lists(st.tuples(st.sampled_from(sorted(MANY)), AMOUNTS), min_size=1, max_size=3),
    st.sampled_from([None, 0, 10**9]),
)


@given(st.lists(st.one_of(BLOWN_UP, IDLES.map(body)), min_size=1, max_size=6), st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_messages_of_bounded_size_cost_the_judge_little(bodies: list[bytes], repeats: bool) -> None:
    verdict = verdict_of([LOADED, *bodies], repeats=repeats)
    assert verdict not in (Verdict.ACCEPTED, Verdict.JUDGE_ERROR)


# -- values ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "data",
    [packed({}), packed({1: 2}), packed([{}]), packed(["list", [{1: 2}]]), "colliding"],
    ids=["empty", "small", "in a list", "in a value", "colliding"],
)
def test_a_bare_map_is_no_value(data: Any) -> None:
    value = colliding_map(40_000) if data == "colliding" else data
    with pytest.raises(WireError, match="bare map"):
        wire.unpack(value)


@pytest.mark.parametrize(
    "value",
    [
        [0] * MAX_MEMBERS,
        dict.fromkeys(range(MAX_MEMBERS)),
        set(range(MAX_MEMBERS)),
        [(1, 2)] * (MAX_MEMBERS // 3),
        "x" * 999_000,
        {"a": [1.5, None, True, b"x", 10**40, float("inf"), "\ud800"], (1, 2): frozenset([3])},
    ],
    ids=["list", "dict", "set", "pairs", "text", "all kinds"],
)
def test_the_largest_values_travel_whole(value: Any) -> None:
    assert wire.unpack(wire.pack(value)) == value


@pytest.mark.parametrize(
    "value",
    [[0] * (MAX_MEMBERS + 1), dict.fromkeys(range(MAX_MEMBERS + 1)), [[0] * 101] * 100, "x" * 1_000_001],
    ids=["list", "dict", "list of lists", "text"],
)
def test_a_value_over_its_bound_does_not_travel(value: Any) -> None:
    with pytest.raises(wire.OverBound):
        wire.pack(value)
    with pytest.raises(wire.OverBound):
        wire.unpack(packed(_taken_apart(value)))


def _taken_apart(value: Any) -> Any:
    """As a guest would that keeps to no bound."""
    if isinstance(value, list):
        return ["list", [_taken_apart(one) for one in value]]
    if isinstance(value, dict):
        return ["dict", [[_taken_apart(key), _taken_apart(one)] for key, one in value.items()]]
    return value


@given(st.integers(0, 9), st.binary(max_size=60))
def test_parts_are_counted_as_msgpack_has_them(depth: int, data: bytes) -> None:
    """Whatever msgpack takes for a value without maps is walked over to its end."""
    raw = bytes([0x91]) * depth + data
    try:
        value = msgspec.msgpack.decode(raw)
        one = msgspec.msgpack.decode(msgspec.msgpack.encode([msgspec.Raw(raw)]), type=list[msgspec.Raw])[0]
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return
    try:
        assert wire.count_parts(wire.Packed(one)) == _parts(value)
    except WireError:
        assert not _is_plain(value)


def _parts(value: Any) -> int:
    return 1 + sum(map(_parts, value)) if isinstance(value, list) else 1


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str, bytes))


# -- after the run -----------------------------------------------------------------------------------
def long_history() -> History:
    """All that a guest can have noted and the judge have seen, at its bounds."""
    tasks = tuple(map(state, range(200)))
    lines = itertools.cycle(range(1, 2_000))
    stretches = (
        BlockedStretch(what="time.sleep(1)", line=next(lines), function="f", start_ns=at, end_ns=at + 1)
        for at in range(19_000)
    )
    return History(
        snapshots=tuple(Snapshot(at_ns=at, tasks=tasks) for at in range(1_000)),
        blocked=tuple(stretches),
        never_awaited=tuple(("f", next(lines)) for _ in range(200)),
        pending=tasks,
        open_sockets=tuple(("connection", next(lines)) for _ in range(200)),
        exchanges=many_requests(20_000),
    )


def many_requests(count: int) -> tuple[Exchange, ...]:
    """Half of them asked for by a label that all of the other half need."""
    return tuple(
        Exchange(host="h", label="ab"[at % 2], start_ns=at, end_ns=at + 3, needs=("a",) if at % 2 else ())
        for at in range(count)
    )


def test_requests_that_need_very_many_others_are_put_in_order_at_once() -> None:
    def work() -> str:
        requests = many_requests(20_000)
        assert len(scheduled(requests)) == 20_000
        assert [one.label for one in critical_path(requests)] == ["a", "b"]
        return str(best_of(requests).makespan_ns)

    assert run(work) == "6"


def test_a_timeline_is_drawn_of_any_history() -> None:
    def work() -> str:
        drawn = timeline_of(long_history())
        return str(len(msgspec.json.encode(drawn)))

    assert int(run(work)) < 4_000_000


REPEATED = {
    "awaits": " await g(n)\n",
    "loops": " for x in n: await g(x)\n",
    "connections": " r, w = await asyncio.open_connection(n, 1)\n",
    "tasks": " t = asyncio.create_task(g(n))\n await t\n",
    "locks": " async with a:\n  async with b: await g(n)\n",
    "tries": " try: await g(n)\n except BaseException: pass\n",
    "gathers": " await asyncio.gather(*(f(x) for x in n))\n",
    "names": " x = n + x\n",
    "deep": "".join(f"{' ' * deep}while n:\n" for deep in range(1, 40)) + " " * 40 + "x = await g(n)\n",
}


@pytest.mark.parametrize("kind", REPEATED)
def test_any_file_is_diagnosed_within_bounds(kind: str) -> None:
    """The largest file that is read at all, under every verdict, beside the longest history."""
    line = REPEATED[kind]
    source = "import asyncio\nasync def read_all(n):\n"
    longest = source + line * (19_000 // len(line))

    def work() -> str:
        history = long_history()
        verdicts = sorted({verdict for entry in CATALOGUE for verdict in entry.verdicts})
        for text in (longest, source + line * (4_000 // len(line))):
            for verdict in verdicts[:3]:
                diagnose(text, history, Verdict(verdict), ("read_all",))
        return "done"

    assert run(work) == "done"

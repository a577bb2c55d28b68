"""Whatever comes over the wire ends in a verdict: never in an exception of ours, never in a hang."""

from __future__ import annotations

import contextlib
import struct
import types
import typing
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import wire
from grader.errors import WireError
from grader.records import BlockedStretch, History, TaskState, Verdict
from grader.wire import FrameCutter
from tests.attacks.fake_guest import body, judged

NUMBERS = st.one_of(
    st.integers(0, 12), st.sampled_from([-1, -(1 << 63), (1 << 63) - 1, (1 << 64) - 1, 10**9, 7000])
)
WORDS = st.sampled_from(
    [
        *("", "a", "learner", "10.0.0.1", "10.0.0.3", "0.0.0.0", "127.0.0.1", "\0", "\x1b[2J", "x" * 300),
        *("StopIteration", "KeyboardInterrupt", "ExceptionGroup", "UnicodeDecodeError", "CancelledError"),
        *("SyntaxError", "OSError", "stdout", "full", "open", "read", "list", "write", "rename", "sh -c '"),
    ]
)
BYTES = st.sampled_from([b"", b"a\n", b"/srv/a", b"/", b"\xff\0", b"sh", b"-c", b"true '", bytes(70_000)])
TAGS = ["list", "set", "dict", "tuple", "str", "int", "float", "callable", "object", "error", "x"]
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(), WORDS, BYTES)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=3)).map(list),
        st.dictionaries(WORDS, inner, max_size=2),
    ),
    max_leaves=8,
)


def strategy_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type as messages use it."""
    plain = {int: NUMBERS, str: WORDS, bytes: BYTES, wire.Packed: DATA.map(packed)}
    if kind in plain:
        return plain[kind]
    if typing.get_origin(kind) is typing.Annotated:
        return strategy_of(typing.get_args(kind)[0])
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(st.none() if one is type(None) else strategy_of(one) for one in inside)
    if origin is list or (origin is tuple and inside[-1] is Ellipsis):
        return st.lists(strategy_of(inside[0]), max_size=2).map(origin)
    if origin is tuple:
        return st.tuples(*map(strategy_of, inside))
    return struct_of(kind)


def packed(data: Any) -> wire.Packed:
    """Any data where a value should be."""
    return wire.Packed(msgspec.Raw(msgspec.msgpack.encode(data)))


def struct_of(kind: Any) -> st.SearchStrategy[Any]:
    """Instances of a msgspec struct; exceptions nest once only."""
    hints = typing.get_type_hints(kind)
    if kind is wire.ExceptionRecord:
        hints |= {"members": tuple[TaskState, ...], "cause": type(None)}
        fields = {
            name: st.just(()) if name == "members" else st.none() if name == "cause" else strategy_of(of)
            for name, of in hints.items()
        }
        alone = st.fixed_dictionaries(fields).map(lambda made: wire.ExceptionRecord(**made))
        return st.builds(
            lambda one, more: msgspec.structs.replace(
                one, members=tuple(more[:2]), cause=(more[2:] or [None])[0]
            ),
            alone,
            st.lists(alone, max_size=3),
        )
    fields = {name: strategy_of(of) for name, of in hints.items()}
    return st.fixed_dictionaries(fields).map(lambda made: kind(**made))


ACTIONS = st.one_of([struct_of(kind) for kind in typing.get_args(wire.Action)])
USEFUL = st.one_of(
    st.just(wire.Loaded(None)),
    st.builds(wire.Returned, st.integers(1, 5), DATA.map(packed)),
    st.builds(wire.Pong, st.integers(1, 9)),
    st.builds(wire.Connect, st.sampled_from([1, 3, 5]), st.just(("", 0)), st.just(("10.0.0.3", 7000))),
    st.builds(wire.Transmit, st.sampled_from([1, 3, 5]), st.just(b"hello\n")),
)
IDLES = st.builds(
    wire.Idle,
    st.one_of(st.none(), NUMBERS, st.integers(0, 3 * 10**9)),
    st.lists(st.one_of(USEFUL, ACTIONS), max_size=6),
)
LOADED = body(wire.Idle(None, [wire.Loaded(None)]))
LOOSE = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


# -- decoding --------------------------------------------------------------------------------------
@given(st.binary(max_size=200))
@LOOSE
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    with contextlib.suppress(WireError):
        assert isinstance(wire.read_idle(data), wire.Idle)


@given(IDLES, st.integers(0, 400), st.binary(max_size=3))
@LOOSE
def test_a_damaged_message_is_a_message_or_a_wire_error(idle: wire.Idle, at: int, patch: bytes) -> None:
    whole = body(idle)
    damaged = whole[:at] + patch + whole[at + len(patch) :]
    with contextlib.suppress(WireError):
        assert isinstance(wire.read_idle(damaged), wire.Idle)


@pytest.mark.parametrize("opening", [b"\x91", b"\x81\xa1a", b"\x81\x90", b"\x92\xa4list\x91"])
def test_nesting_without_end_is_a_wire_error(opening: bytes) -> None:
    whole = body(wire.Idle(None, [wire.Returned(1, packed(77))]))
    with pytest.raises(WireError):
        wire.unpack(wire.read_idle(whole.replace(b"\x4d", opening * 300_000 + b"\x4d")).actions[0].value)  # type: ignore[union-attr]


@given(DATA)
@LOOSE
def test_any_data_is_a_value_or_a_wire_error(data: Any) -> None:
    try:
        value = wire.unpack(packed(data))
    except WireError:
        return
    assert repr(value)


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 9))
def test_frames_come_out_as_they_went_in_however_they_were_cut(bodies: list[bytes], size: int) -> None:
    stream = b"".join(struct.pack(">I", len(one)) + one for one in bodies)
    frames, found = FrameCutter(), []
    for start in range(0, len(stream), size):
        frames.feed(stream[start : start + size])
        while (one := frames.next(100)) is not None:
            found.append(one)
    assert found == bodies


@given(st.binary(max_size=64), st.integers(0, 32))
def test_no_frame_is_larger_than_allowed(stream: bytes, allowed: int) -> None:
    frames = FrameCutter()
    frames.feed(stream)
    try:
        while (one := frames.next(allowed)) is not None:
            assert len(one) <= allowed
    except WireError:
        pass


# -- the judge's state machine ---------------------------------------------------------------------
@given(st.lists(IDLES, max_size=8), st.booleans())
@LOOSE
def test_any_messages_end_in_a_verdict(idles: list[wire.Idle], repeats: bool) -> None:
    check = judged([LOADED, *map(body, idles)], repeats=repeats)
    assert check.verdict not in (Verdict.JUDGE_ERROR, Verdict.ACCEPTED), check.rationale
    assert len(check.rationale or "") < 20_000


@given(st.lists(IDLES, max_size=4))
@LOOSE
def test_any_messages_before_loading_end_in_a_verdict(idles: list[wire.Idle]) -> None:
    check = judged([*map(body, idles)])
    assert check.verdict not in (Verdict.JUDGE_ERROR, Verdict.ACCEPTED), check.rationale


@given(struct_of(wire.ExceptionRecord))
@LOOSE
def test_any_exception_ends_in_a_verdict(record: wire.ExceptionRecord) -> None:
    raised = [wire.Raised(number, record) for number in range(1, 6)]
    check = judged([LOADED, body(wire.Idle(0, raised)), body(wire.Idle(None, [wire.Died(record)]))])
    assert check.verdict not in (Verdict.JUDGE_ERROR, Verdict.ACCEPTED), check.rationale


@given(
    struct_of(History),
    st.lists(struct_of(wire.Moment), max_size=3),
    st.lists(struct_of(BlockedStretch), max_size=3),
)
@LOOSE
def test_any_history_can_be_told(
    history: History, moments: list[wire.Moment], blocked: list[BlockedStretch]
) -> None:
    noted = wire.Noted(blocked, [msgspec.structs.replace(one, at_ns=0) for one in moments])
    inspected = wire.Idle(0, [wire.Inspected(history)])
    check = judged([LOADED, body(wire.Idle(None, [noted, noted])), body(inspected)])
    assert check.verdict not in (Verdict.JUDGE_ERROR, Verdict.ACCEPTED), check.rationale


@pytest.mark.parametrize("until_ns", [-(1 << 63), 0, 1, (1 << 64) - 1])
def test_a_guest_that_repeats_itself_for_ever_is_ended(until_ns: int) -> None:
    check = judged([LOADED, body(wire.Idle(until_ns, []))], repeats=True)
    assert check.verdict in (Verdict.BUSY_LOOP, Verdict.TIME_LIMIT), check.rationale

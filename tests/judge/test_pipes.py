"""The wire of a guest in a process of its own: pipes, which have no deadline of their own."""

from __future__ import annotations

import os
import time

import pytest

from grader.judge.pipe import GuestGone, StreamPipe
from grader.wire import framed

PAST_S = 0.0


def ends() -> tuple[StreamPipe, int, int]:
    """A pipe of the judge's, and what the guest reads and writes."""
    hears, says = os.pipe(), os.pipe()
    pipe = StreamPipe(os.fdopen(says[0], "rb", buffering=0), os.fdopen(hears[1], "wb", buffering=0))
    return pipe, hears[0], says[1]


def test_a_guest_that_reads_nothing_does_not_hold_up_the_judge():
    """More than a pipe has room for is sent all the same; what runs out is the wait for the answer."""
    pipe, hears, says = ends()
    pipe.send(framed(b"x" * (1 << 20)), PAST_S)
    with pytest.raises(TimeoutError):
        pipe.receive(100, PAST_S)
    os.close(hears)
    os.close(says)
    pipe.close()


def test_a_large_frame_arrives_whole_and_in_order():
    pipe, hears, says = ends()
    sent = framed(bytes(range(256)) * 4096) + framed(b"the second")
    pipe.send(sent, PAST_S)
    got = b""
    while len(got) < len(sent):
        got += os.read(hears, 1 << 16)
    assert got == sent
    os.close(hears)
    os.close(says)
    pipe.close()


def test_whoever_listens_is_told_of_data_and_of_the_end():
    pipe, hears, says = ends()
    os.write(says, framed(b"one") + framed(b"two")[:3])
    assert pipe.receive(100, time.monotonic() + 60) == b"one"
    os.write(says, framed(b"two")[3:])
    os.close(says)
    assert pipe.receive(100, time.monotonic() + 60) == b"two"
    with pytest.raises(GuestGone):
        pipe.receive(100, time.monotonic() + 60)
    os.close(hears)
    pipe.close()

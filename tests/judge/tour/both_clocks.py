"""A suite that means the same on the virtual and on the real clock."""

import pytest

from grader.testing import assert_equal, assert_overlaps, assert_took, seconds


async def stations(net, count):
    names = [f"station-{number}" for number in range(count)]
    for name in names:
        await net.serve_lines(name, 7000, lambda _, name=name: str(len(name)), takes_s=0.2)
    return names


async def test_readings_are_right(kata, net):
    """The readings are right."""
    names = await stations(net, 3)
    assert_equal(await kata.call("read_all", names), [9, 9, 9])


async def test_requests_overlap(kata, net):
    """All in flight together."""
    names = await stations(net, 5)
    await kata.call("read_all", names)
    assert_took(kata, seconds(0.2))
    assert_overlaps(net, 5)


async def test_a_port_is_served_once(net):
    """A second server on a port is refused, as it is on a real machine."""
    await stations(net, 1)
    with pytest.raises(OSError, match="in use"):
        await stations(net, 1)


async def test_errors_cross(kata, net):
    """A refused connection is an error of the learner's."""
    net.host("nobody")
    with pytest.raises(ConnectionRefusedError):
        await kata.call("read_all", ["nobody"])


async def test_over_a_slow_link(kata, net):
    """Four ways of half a second: there and back to connect, and there and back to ask."""
    names = ["far-1", "far-2"]
    for name in names:
        net.host(name, latency_s=0.5)
        await net.serve_lines(name, 7000, lambda _: "1")
    await kata.call("read_all", names)
    assert_took(kata, seconds(2))

"""The same ten-way check twenty times over: what a further check costs."""

import pytest

from grader.testing import assert_took, seconds


@pytest.mark.parametrize("number", range(20))
async def test_ten_stations(kata, net, number):
    """Ten stations at once."""
    names = [f"station-{station}" for station in range(10)]
    for name in names:
        await net.serve_lines(name, 7000, lambda _: "1", takes_s=1)
    await kata.call("read_all", names)
    assert_took(kata, seconds(1))

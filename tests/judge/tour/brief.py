"""The short tour: enough of the suite to show that the wire is whole, for guests that start slowly."""

import asyncio

from grader.testing import assert_equal, assert_took, seconds


async def test_calls_overlap(kata):
    """Several calls are under way at once."""

    results = await asyncio.gather(*(kata.call("nap", length) for length in (1, 2, 3)))
    assert_equal(results, [1, 2, 3])
    assert_took(kata, seconds(3))
    assert_equal(await kata.call("echo", ["x"]), ["x"])

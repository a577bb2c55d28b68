"""A suite of one check: whether the judge still judges."""

from grader.testing import assert_equal, assert_overlaps


async def test_readings(kata, net):
    """Every reading is returned, and the requests overlap."""
    names = ["a", "b", "c"]
    for index, name in enumerate(names):
        await net.serve_lines(name, 7000, lambda _, index=index: str(index), takes_s=1.0)
    assert_equal(await kata.call("read_all", names), [0, 1, 2])
    assert_overlaps(net, peak=3)

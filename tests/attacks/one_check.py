"""A suite of one check: whether the judge still judges."""

from grader.testing import assert_equal, assert_overlaps, assert_took, seconds


async def test_readings(kata, net):
    """Every reading is returned, and the requests of two calls at once overlap."""
    names = ["a", "b", "c"]
    for index, name in enumerate(names):
        await net.serve_lines(name, 7000, lambda _, index=index: str(index), takes_s=1.0)
    for call in [kata.call("read_all", names), kata.call("read_all", names)]:
        assert_equal(await call, [0, 1, 2])
        assert_took(kata, seconds(1))
    assert_overlaps(net, peak=6)

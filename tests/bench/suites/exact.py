"""Ten stations of different speed: exactly the slowest when overlapped, exactly the sum when not."""

from grader.testing import assert_took, milliseconds


async def stations(net, rng):
    lengths_ms = [rng.randint(100, 2000) for _ in range(10)]
    for number, length_ms in enumerate(lengths_ms):
        await net.serve_lines(f"station-{number}", 7000, lambda _: "1", takes_s=length_ms / 1000)
    return [f"station-{number}" for number in range(10)], lengths_ms


async def test_slowest(kata, net, rng):
    """As long as the slowest."""
    names, lengths_ms = await stations(net, rng)
    await kata.call("read_all", names)
    assert_took(kata, milliseconds(max(lengths_ms)))


async def test_sum(kata, net, rng):
    """As long as all of them together."""
    names, lengths_ms = await stations(net, rng)
    await kata.call("read_all", names)
    assert_took(kata, milliseconds(sum(lengths_ms)))

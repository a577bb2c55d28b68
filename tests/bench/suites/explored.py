"""One ten-way check under fifty seeds."""

from grader.testing import assert_took, explore, milliseconds


@explore(seeds=50)
async def test_ten_stations(kata, net, rng):
    """Ten stations at once, each as fast as the seed has it."""
    lengths_ms = {f"station-{station}": rng.randint(1, 1000) for station in range(10)}
    for name, length_ms in lengths_ms.items():
        await net.serve_lines(name, 7000, lambda _: "1", takes_s=length_ms / 1000)
    await kata.call("read_all", list(lengths_ms))
    assert_took(kata, milliseconds(max(lengths_ms.values())))

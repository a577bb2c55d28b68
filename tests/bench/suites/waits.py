"""Two thousand waits, one after another."""


async def test_waits(kata):
    """Waits."""
    await kata.call("wait_often", 2_000)

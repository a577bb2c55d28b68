"""2,000 waits beside ten thousand idle tasks."""


async def test_waits(kata):
    """Waits beside idle tasks."""
    await kata.call("wait_beside_tasks", 2000, 10_000)

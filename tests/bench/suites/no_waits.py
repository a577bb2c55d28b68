"""A guest that does nothing: what the others are measured against."""


async def test_nothing(kata):
    """Nothing."""
    await kata.call("wait_often", 0)

"""0 waits beside ten thousand idle connections."""


async def hold(reader, writer):
    await reader.read()


async def test_waits(kata, net):
    """Waits beside idle connections."""
    await net.serve("server", 7000, hold)
    await kata.call("wait_beside_sockets", 0, 10_000)

"""10,000 exchanges at once, each over a connection of its own."""


async def answer(reader, writer):
    await reader.readline()
    writer.write(b"!\n")


async def test_exchanges(kata, net):
    """Exchanges at once."""
    await net.serve("server", 7000, answer)
    await kata.call("exchange_all", 10000)

"""Rejected by test_the_whole_poem_comes_back: LEAKED (forgot_close). The connection stays open for as long as nobody collects it."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def fetch_poem(host, title):
    try:
        reader, writer = await asyncio.open_connection(host, PORT)
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    writer.write(f"{title}\n".encode())
    await writer.drain()
    writer.write_eof()
    poem = await reader.read()
    return poem.decode()

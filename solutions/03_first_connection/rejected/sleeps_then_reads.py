"""Rejected by test_the_whole_poem_comes_back: NOT_CONCURRENT. Gives the library five seconds and takes what there is."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def fetch_poem(host, title):
    try:
        reader, writer = await asyncio.open_connection(host, PORT)
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    try:
        writer.write(f"{title}\n".encode())
        await writer.drain()
        writer.write_eof()
        await asyncio.sleep(5)
        poem = await reader.read(10_000_000)
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode()

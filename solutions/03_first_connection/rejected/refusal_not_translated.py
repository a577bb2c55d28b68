"""Rejected by test_a_closed_library: WRONG_ANSWER. ConnectionRefusedError comes out as it is."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def fetch_poem(host, title):
    reader, writer = await asyncio.open_connection(host, PORT)
    try:
        writer.write(f"{title}\n".encode())
        await writer.drain()
        writer.write_eof()
        poem = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode()

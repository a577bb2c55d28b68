"""Rejected by test_poems_do_not_wait_for_each_other: RUNTIME_ERROR. A global buffer, in which the poems run into each other."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


poem = bytearray()


async def fetch_poem(host, title):
    try:
        reader, writer = await asyncio.open_connection(host, PORT)
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    try:
        writer.write(f"{title}\n".encode())
        await writer.drain()
        writer.write_eof()
        poem.clear()
        while piece := await reader.read(1024):
            poem.extend(piece)
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode()

"""Rejected by test_poems_do_not_wait_for_each_other: NOT_CONCURRENT. One lock around the whole visit."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


door = asyncio.Lock()


async def visit(host, title):
    try:
        reader, writer = await asyncio.open_connection(host, PORT)
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    try:
        writer.write(f"{title}\n".encode())
        await writer.drain()
        writer.write_eof()
        poem = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode()


async def fetch_poem(host, title):
    async with door:
        return await visit(host, title)

"""Rejected by test_a_closed_library: NOT_CONCURRENT. Tries three times, a second apart."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def connect(host):
    for _ in range(3):
        try:
            return await asyncio.open_connection(host, PORT)
        except ConnectionRefusedError:
            await asyncio.sleep(1)
    raise LibraryClosed(f"the library at {host} is closed")


async def fetch_poem(host, title):
    reader, writer = await connect(host)
    try:
        writer.write(f"{title}\n".encode())
        await writer.drain()
        writer.write_eof()
        poem = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode()

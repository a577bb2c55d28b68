"""Rejected by test_errors_come_out: WRONG_ANSWER. Ignores what is no text."""

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
        poem = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode(errors="replace")

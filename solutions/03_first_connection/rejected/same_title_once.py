"""Rejected by test_every_call_asks_anew: WRONG_ANSWER. Keeps poems, and gives the old one when it is asked again."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


KEPT = {}


async def fetch_poem(host, title):
    if title in KEPT:
        return KEPT[title]
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
    KEPT[title] = poem.decode()
    return KEPT[title]

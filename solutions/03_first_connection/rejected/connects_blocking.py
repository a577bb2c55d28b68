"""Rejected by test_poems_do_not_wait_for_each_other: BLOCKED_LOOP (blocking_call_in_coroutine). Only connecting still blocks."""

import asyncio
import socket

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def fetch_poem(host, title):
    try:
        reader, writer = await asyncio.open_connection(sock=socket.create_connection((host, PORT)))
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

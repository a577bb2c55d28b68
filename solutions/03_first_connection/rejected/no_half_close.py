"""Rejected by test_the_question_is_asked_to_its_end: DEADLOCK. The library waits for the end of the question, and fetch_poem for the poem."""

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
        poem = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    return poem.decode()

"""Streams: a loop over pieces as in the stub, and a context manager that closes."""

import asyncio
import contextlib

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


@contextlib.asynccontextmanager
async def visit(host):
    """A reader and a writer for the library, closed on the way out."""
    try:
        reader, writer = await asyncio.open_connection(host, PORT)
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    with contextlib.closing(writer):
        yield reader, writer


async def fetch_poem(host, title):
    async with visit(host) as (reader, writer):
        writer.writelines([title.encode(), b"\n"])
        writer.write_eof()
        poem = bytearray()
        while piece := await reader.read(1024):
            poem += piece
        return poem.decode()

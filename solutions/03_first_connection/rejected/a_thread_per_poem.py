"""Rejected by test_poems_do_not_wait_for_each_other: NOT_CONCURRENT (to_thread_around_blocking). A poem waits for a free thread."""

import asyncio
import socket

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


def fetch_blocking(host, title):
    try:
        connection = socket.create_connection((host, PORT))
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    with connection:
        connection.sendall(f"{title}\n".encode())
        connection.shutdown(socket.SHUT_WR)
        poem = b""
        while piece := connection.recv(1024):
            poem += piece
    return poem.decode()


async def fetch_poem(host, title):
    return await asyncio.to_thread(fetch_blocking, host, title)

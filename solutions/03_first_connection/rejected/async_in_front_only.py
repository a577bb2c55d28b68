"""Rejected by test_poems_do_not_wait_for_each_other: BLOCKED_LOOP (async_in_front_only). Still the blocking socket."""

import socket

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def fetch_poem(host, title):
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

"""The stub's own socket, made non-blocking, with the loop's sock_ methods."""

import asyncio
import socket

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


async def fetch_poem(host, title):
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, (host, PORT))
        except ConnectionRefusedError:
            raise LibraryClosed(f"the library at {host} is closed") from None
        await loop.sock_sendall(connection, f"{title}\n".encode())
        connection.shutdown(socket.SHUT_WR)
        poem = b""
        while piece := await loop.sock_recv(connection, 1024):
            poem += piece
    return poem.decode()

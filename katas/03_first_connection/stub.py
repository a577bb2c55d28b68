"""Kata 3: your first connection.

This version works, but while the library recites, the whole program listens and does nothing else.
"""

import socket

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


def fetch_poem(host, title):
    """Ask the library at `host` for a poem. Returns its text."""
    try:
        connection = socket.create_connection((host, PORT))
    except ConnectionRefusedError:
        raise LibraryClosed(f"the library at {host} is closed") from None
    with connection:
        connection.sendall(f"{title}\n".encode())
        connection.shutdown(socket.SHUT_WR)  # that was all we have to say
        poem = b""
        while piece := connection.recv(1024):
            poem += piece
    return poem.decode()


def main():
    print(fetch_poem("library", "The Owl"))


if __name__ == "__main__":
    main()

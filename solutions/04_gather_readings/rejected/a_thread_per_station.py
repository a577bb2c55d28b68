"""Rejected by test_requests_overlap: NOT_CONCURRENT (to_thread_around_blocking). There are more stations than threads."""

import asyncio
import socket

PORT = 7000


def read_station(name):
    with socket.create_connection((name, PORT)) as connection:
        connection.sendall(b"temperature?\n")
        return int(connection.makefile().readline())


async def read_all(names):
    return await asyncio.gather(*(asyncio.to_thread(read_station, name) for name in names))

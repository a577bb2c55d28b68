"""Rejected by test_requests_overlap: NOT_CONCURRENT (blocking_call_in_coroutine). gather cannot make a blocking socket wait politely."""

import asyncio
import socket

PORT = 7000


async def read_station(name):
    with socket.create_connection((name, PORT)) as connection:
        connection.sendall(b"temperature?\n")
        return int(connection.makefile().readline())


async def read_all(names):
    return await asyncio.gather(*(read_station(name) for name in names))

"""Rejected by test_requests_overlap: NOT_CONCURRENT (async_in_front_only). The stub with async in front."""

import socket

PORT = 7000


def read_station(name):
    with socket.create_connection((name, PORT)) as connection:
        connection.sendall(b"temperature?\n")
        return int(connection.makefile().readline())


async def read_all(names):
    return [read_station(name) for name in names]

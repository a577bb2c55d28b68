"""Rejected by test_requests_overlap: RUNTIME_ERROR. A pool with a thread for each station is more than the machine allows."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

PORT = 7000


def read_station(name):
    with socket.create_connection((name, PORT)) as connection:
        connection.sendall(b"temperature?\n")
        return int(connection.makefile().readline())


async def read_all(names):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=len(names) or 1) as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, read_station, name) for name in names))

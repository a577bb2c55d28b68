"""Rejected by test_requests_overlap: NOT_CONCURRENT (blocking_call_in_coroutine). Only connecting still blocks."""

import asyncio
import socket

PORT = 7000


async def read_station(name):
    reader, writer = await asyncio.open_connection(sock=socket.create_connection((name, PORT)))
    try:
        writer.write(b"temperature?\n")
        await writer.drain()
        return int(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()


async def read_all(names):
    return await asyncio.gather(*(read_station(name) for name in names))

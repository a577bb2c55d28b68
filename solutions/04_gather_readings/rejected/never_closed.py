"""Rejected by test_requests_overlap: LEAKED (forgot_close). The connections are left to whoever collects garbage."""

import asyncio

PORT = 7000


async def read_station(name):
    reader, writer = await asyncio.open_connection(name, PORT)
    writer.write(b"temperature?\n")
    return int(await reader.readline())


async def read_all(names):
    return await asyncio.gather(*(read_station(name) for name in names))

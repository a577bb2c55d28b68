"""Rejected by test_requests_overlap: NOT_CONCURRENT. A semaphore that nobody asked for."""

import asyncio

PORT = 7000


async def read_station(name):
    reader, writer = await asyncio.open_connection(name, PORT)
    try:
        writer.write(b"temperature?\n")
        await writer.drain()
        return int(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()


async def read_one(name, turns):
    async with turns:
        return await read_station(name)


async def read_all(names):
    turns = asyncio.Semaphore(20)
    return await asyncio.gather(*(read_one(name, turns) for name in names))

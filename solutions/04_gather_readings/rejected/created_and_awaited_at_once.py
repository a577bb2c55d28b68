"""Rejected by test_requests_overlap: NOT_CONCURRENT (created_and_awaited_at_once). A task, and still one after another."""

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


async def read_all(names):
    readings = []
    for name in names:
        task = asyncio.create_task(read_station(name))
        readings.append(await task)
    return readings

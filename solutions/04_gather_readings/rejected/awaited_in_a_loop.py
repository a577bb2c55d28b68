"""Rejected by test_requests_overlap: NOT_CONCURRENT (awaited_in_a_loop). Each request waits for the one before."""

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
        readings.append(await read_station(name))
    return readings

"""Rejected by test_takes_as_long_as_the_slowest: NOT_CONCURRENT (gather_in_chunks). Each chunk waits for the slowest of the one before."""

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
    for start in range(0, len(names), 10):
        chunk = names[start : start + 10]
        readings += await asyncio.gather(*(read_station(name) for name in chunk))
    return readings

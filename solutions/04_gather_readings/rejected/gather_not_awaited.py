"""Rejected by test_requests_overlap: WRONG_ANSWER (never_awaited). Returns before any station has answered."""

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
    return asyncio.gather(*(read_station(name) for name in names))

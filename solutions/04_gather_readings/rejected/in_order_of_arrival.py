"""Rejected by test_requests_overlap: WRONG_ANSWER (results_in_arrival_order). The fastest station comes first."""

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
    for answer in asyncio.as_completed([read_station(name) for name in names]):
        readings.append(await answer)
    return readings

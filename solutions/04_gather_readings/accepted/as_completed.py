"""In order of arrival, each with its place, and sorted in the end."""

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


async def read_at(place, name):
    return place, await read_station(name)


async def read_all(names):
    arrived = []
    for answer in asyncio.as_completed([read_at(place, name) for place, name in enumerate(names)]):
        arrived.append(await answer)
    return [reading for _, reading in sorted(arrived)]

"""A queue of places in the list, and a worker for each of them."""

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


async def work(places, names, readings):
    """Fill one place after another until none is left."""
    while not places.empty():
        place = places.get_nowait()
        readings[place] = await read_station(names[place])


async def read_all(names):
    readings = [None] * len(names)
    places = asyncio.Queue()
    for place in range(len(names)):
        places.put_nowait(place)
    await asyncio.gather(*(work(places, names, readings) for _ in names))
    return readings

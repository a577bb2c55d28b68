"""Tasks that are all started before the first is awaited."""

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
    tasks = []
    for name in names:
        tasks.append(asyncio.create_task(read_station(name)))
    readings = []
    for task in tasks:
        readings.append(await task)
    return readings

"""asyncio.wait until all are done; it does not like an empty set."""

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
    tasks = [asyncio.ensure_future(read_station(name)) for name in names]
    if tasks:
        await asyncio.wait(tasks)
    return [task.result() for task in tasks]

"""Rejected by test_each_name_has_its_reading: RUNTIME_ERROR. asyncio.wait raises where there is nothing to wait for."""

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
    tasks = [asyncio.create_task(read_station(name)) for name in names]
    await asyncio.wait(tasks)
    return [task.result() for task in tasks]

"""Rejected by test_requests_overlap: WRONG_ANSWER. Returns a list that its tasks will fill some time."""

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


tasks = set()


async def read_into(readings, place, name):
    readings[place] = await read_station(name)


async def read_all(names):
    readings = [None] * len(names)
    for place, name in enumerate(names):
        task = asyncio.create_task(read_into(readings, place, name))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    return readings

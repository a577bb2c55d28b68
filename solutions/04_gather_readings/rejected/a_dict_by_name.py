"""Rejected by test_each_name_has_its_reading: WRONG_ANSWER. A name that occurs twice has one place in a dict."""

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
    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(read_station(name)) for name in names}
    return [task.result() for task in tasks.values()]

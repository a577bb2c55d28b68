"""Rejected by test_requests_overlap: NOT_CONCURRENT (task_group_per_item). The group is in the loop and not the loop in the group."""

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
    for name in names:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(read_station(name))
        readings.append(task.result())
    return readings

"""No timeout around the whole: every attempt has the earlier of two deadlines."""

import asyncio
from contextlib import asynccontextmanager


@asynccontextmanager
async def connection(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask_until(station, patience, end):
    loop = asyncio.get_running_loop()
    for _ in range(2):
        if loop.time() >= end:
            break
        try:
            async with asyncio.timeout_at(min(loop.time() + patience, end)):
                async with connection(station) as (reader, writer):
                    writer.write(b"next train?\n")
                    return (await reader.readuntil()).decode().strip()
        except TimeoutError:
            pass
    return None


async def read_board(stations, patience, within):
    end = asyncio.get_running_loop().time() + within
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask_until(station, patience, end)) for station in stations]
    return dict(zip(stations, (task.result() for task in tasks)))

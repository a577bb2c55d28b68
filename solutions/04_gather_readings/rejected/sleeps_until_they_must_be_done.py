"""Rejected by test_takes_as_long_as_the_slowest: NOT_CONCURRENT (sleep_instead_of_await). Two seconds should be enough for everybody."""

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
    await asyncio.sleep(2)
    return [task.result() for task in tasks]

"""wait_for around each attempt; wait with a timeout around all of them, and the rest is cancelled."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        await writer.drain()
        line = await reader.readline()
        return line.decode().rstrip("\n")
    finally:
        writer.close()
        await writer.wait_closed()


async def ask_patiently(station, patience):
    for _ in range(2):
        try:
            return await asyncio.wait_for(ask(station), patience)
        except TimeoutError:
            pass
    return None


async def read_board(stations, patience, within):
    tasks = {station: asyncio.create_task(ask_patiently(station, patience)) for station in stations}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=within)
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {name: None if task.cancelled() else task.result() for name, task in tasks.items()}

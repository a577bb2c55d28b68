"""Rejected by test_all_are_asked_at_once: NOT_CONCURRENT. Sleeps through the whole patience, then looks who has answered."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def read_board(stations, patience, within):
    tasks = {}
    try:
        for _ in range(2):
            for station in stations:
                if station not in tasks or tasks[station].cancelled():
                    tasks[station] = asyncio.create_task(ask(station))
            await asyncio.sleep(min(patience, within))
            within -= patience
            late = [task for task in tasks.values() if not task.done()]
            for task in late:
                task.cancel()
            if not late or within <= 0:
                break
            await asyncio.wait(late)
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
    return {name: None if task.cancelled() else task.result() for name, task in tasks.items()}

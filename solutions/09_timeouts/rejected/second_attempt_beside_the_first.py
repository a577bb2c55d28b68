"""Rejected by test_each_station_has_its_patience_twice: LEAKED. The first attempt is not cut off when the second begins."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    asking = []
    try:
        for _ in range(2):
            asking.append(asyncio.create_task(ask(station)))
            done, _ = await asyncio.wait(asking, timeout=patience, return_when="FIRST_COMPLETED")
            if done:
                board[station] = done.pop().result()
                return
    finally:
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)


async def read_board(stations, patience, within):
    board = dict.fromkeys(stations)
    try:
        async with asyncio.timeout(within):
            async with asyncio.TaskGroup() as group:
                for station in stations:
                    group.create_task(ask_twice(station, patience, board))
    except TimeoutError:
        pass
    return board

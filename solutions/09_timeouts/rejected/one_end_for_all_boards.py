"""Rejected by test_boards_know_nothing_of_each_other: RUNTIME_ERROR. The end of one board cuts off the requests of all."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                board[station] = await ask(station)
                return
        except TimeoutError:
            pass


under_way = set()


async def read_board(stations, patience, within):
    board = dict.fromkeys(stations)
    tasks = [asyncio.create_task(ask_twice(station, patience, board)) for station in stations]
    under_way.update(tasks)
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=within)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    return board

"""Rejected by test_several_boards: WRONG_ANSWER. A station that is being asked for one board is not asked for another."""

import asyncio
from collections import Counter


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


under_way, waiting = {}, Counter()


async def ask_once_for_all(station):
    if station not in under_way:
        under_way[station] = asyncio.create_task(ask(station))
    asking = under_way[station]
    waiting[asking] += 1
    try:
        return await asyncio.shield(asking)
    finally:
        waiting[asking] -= 1
        if not waiting[asking]:
            del waiting[asking], under_way[station]
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def ask_twice(station, patience, board):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                board[station] = await ask_once_for_all(station)
                return
        except TimeoutError:
            pass


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

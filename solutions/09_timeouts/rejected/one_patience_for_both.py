"""Rejected by test_each_station_has_its_patience_twice: WRONG_ANSWER. Both attempts together have the patience of one."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    try:
        async with asyncio.timeout(patience):
            for _ in range(2):
                try:
                    async with asyncio.timeout(patience):
                        board[station] = await ask(station)
                        return
                except TimeoutError:
                    pass
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

"""Rejected by test_several_boards: WRONG_ANSWER. Two boards ask one station, and the first closes the other's connection."""

import asyncio


writers = {}


async def ask(station):
    reader, writers[station] = await asyncio.open_connection(station, 7000)
    try:
        writers[station].write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writers[station].close()


async def ask_twice(station, patience, board):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                board[station] = await ask(station)
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

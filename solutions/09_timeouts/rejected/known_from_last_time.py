"""Rejected by test_boards_of_the_same_stations: WRONG_ANSWER. A station that has answered once is never asked again."""

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


known = {}


async def read_board(stations, patience, within):
    board = dict.fromkeys(stations)
    try:
        async with asyncio.timeout(within):
            async with asyncio.TaskGroup() as group:
                for station in stations:
                    if known.get(station) is not None:
                        board[station] = known[station]
                    else:
                        group.create_task(ask_twice(station, patience, board))
    except TimeoutError:
        pass
    known.update(board)
    return board

"""Rejected by test_the_board_has_a_deadline: WRONG_ANSWER. What has been heard so far is written on the board."""

import asyncio


async def ask(station, board):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        heard = b""
        while b"\n" not in heard:
            heard += await reader.read(1000)
            board[station] = heard.decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                await ask(station, board)
                return
        except TimeoutError:
            board[station] = None


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

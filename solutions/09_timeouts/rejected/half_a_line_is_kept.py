"""Rejected by test_second_chance: WRONG_ANSWER. What was heard at the first attempt stands before the answer of the second."""

import asyncio


async def ask(station, heard):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        while b"\n" not in heard:
            heard += await reader.read(1000)
        return heard.decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    heard = bytearray()
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                board[station] = await ask(station, heard)
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

"""Rejected by test_a_board_in_a_hurry: WRONG_ANSWER. The board's deadline is looked at, and not held, while a request is under way."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board, end):
    for _ in range(2):
        if asyncio.get_running_loop().time() >= end:
            return
        try:
            async with asyncio.timeout(patience):
                board[station] = await ask(station)
                return
        except TimeoutError:
            pass


async def read_board(stations, patience, within):
    end = asyncio.get_running_loop().time() + within
    board = dict.fromkeys(stations)
    await asyncio.gather(*(ask_twice(station, patience, board, end) for station in stations))
    return board

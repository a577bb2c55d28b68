"""Rejected by test_all_are_asked_at_once: NOT_CONCURRENT (created_and_awaited_at_once). A task per station, each waited for at once."""

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


async def read_board(stations, patience, within):
    board = dict.fromkeys(stations)
    try:
        async with asyncio.timeout(within):
            for station in stations:
                await asyncio.create_task(ask_twice(station, patience, board))
    except TimeoutError:
        pass
    return board

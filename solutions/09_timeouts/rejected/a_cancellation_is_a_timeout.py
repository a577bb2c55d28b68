"""Rejected by test_cancelled: WRONG_ANSWER (cancellation_swallowed). Whatever ends the waiting is taken for a slow station."""

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
            await asyncio.gather(*(ask_twice(station, patience, board) for station in stations))
    except (TimeoutError, asyncio.CancelledError):
        pass
    return board

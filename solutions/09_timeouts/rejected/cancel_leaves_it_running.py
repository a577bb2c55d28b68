"""Rejected by test_cancelled: WRONG_ANSWER. At the deadline the tasks are cancelled, but not when the board itself is."""

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
    tasks = [asyncio.create_task(ask_twice(station, patience, board)) for station in stations]
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return dict(board)

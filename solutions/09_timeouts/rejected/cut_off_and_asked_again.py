"""Rejected by test_many_slow_stations: WRONG_ANSWER. The board's deadline is taken for the station's, which is asked again."""

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
        asking = asyncio.create_task(ask(station))
        timer = asyncio.get_running_loop().call_later(patience, asking.cancel)
        try:
            board[station] = await asking
            return
        except asyncio.CancelledError:
            pass
        finally:
            timer.cancel()


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

"""Rejected by test_slow_stations_are_cut_off: WRONG_ANSWER. Asks everybody twice, to be sure."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    asking = [asyncio.create_task(ask(station)) for _ in range(2)]
    try:
        done, _ = await asyncio.wait(asking, timeout=2 * patience, return_when="FIRST_COMPLETED")
        if done:
            board[station] = done.pop().result()
    finally:
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)


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

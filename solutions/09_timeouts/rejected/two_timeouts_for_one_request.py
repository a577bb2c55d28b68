"""Rejected by test_the_whole_request_is_limited: WRONG_ANSWER. The patience once for connecting, and once more for the answer."""

import asyncio


async def ask(station, patience):
    opening = asyncio.open_connection(station, 7000)
    reader, writer = await asyncio.wait_for(opening, patience)
    try:
        writer.write(b"next train?\n")
        return (await asyncio.wait_for(reader.readline(), patience)).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience, board):
    for _ in range(2):
        try:
            board[station] = await ask(station, patience)
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

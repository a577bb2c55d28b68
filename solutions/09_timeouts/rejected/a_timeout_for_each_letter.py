"""Rejected by test_each_station_has_its_patience_twice: WRONG_ANSWER. As settimeout does: every single read has the whole patience."""

import asyncio


async def ask(station, patience):
    reader, writer = await asyncio.wait_for(asyncio.open_connection(station, 7000), patience)
    try:
        writer.write(b"next train?\n")
        line = b""
        while not line.endswith(b"\n"):
            line += await asyncio.wait_for(reader.read(100), patience)
        return line.decode().strip()
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

"""Rejected by test_each_station_has_its_patience_twice: LEAKED. close() is reached only when all goes well."""

import asyncio


connections = []


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    connections.append(writer)
    writer.write(b"next train?\n")
    line = await reader.readline()
    writer.close()
    return line.decode().strip()


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
            async with asyncio.TaskGroup() as group:
                for station in stations:
                    group.create_task(ask_twice(station, patience, board))
    except TimeoutError:
        pass
    return board

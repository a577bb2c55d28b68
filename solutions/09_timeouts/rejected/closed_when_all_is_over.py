"""Rejected by test_slow_stations_are_cut_off: LEAKED. Connections are collected, and closed when the board is shown."""

import asyncio


async def ask(station, connections):
    reader, writer = await asyncio.open_connection(station, 7000)
    connections.append(writer)
    writer.write(b"next train?\n")
    return (await reader.readline()).decode().strip()


async def ask_twice(station, patience, board, connections):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                board[station] = await ask(station, connections)
                return
        except TimeoutError:
            pass


async def read_board(stations, patience, within):
    connections = []
    board = dict.fromkeys(stations)
    try:
        async with asyncio.timeout(within):
            async with asyncio.TaskGroup() as group:
                for station in stations:
                    group.create_task(ask_twice(station, patience, board, connections))
    except TimeoutError:
        pass
    finally:
        for writer in connections:
            writer.close()
    return board

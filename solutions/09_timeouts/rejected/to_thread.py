"""Rejected by test_all_are_asked_at_once: WRONG_ANSWER. The blocking function in threads, of which there are few."""

import asyncio
import socket


def ask(station, patience):
    with socket.create_connection((station, 7000), timeout=patience) as connection:
        connection.sendall(b"next train?\n")
        return connection.makefile().readline().strip()


async def ask_twice(station, patience, board):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                board[station] = await asyncio.to_thread(ask, station, patience)
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

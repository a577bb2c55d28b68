"""Rejected by test_all_are_asked_at_once: NOT_CONCURRENT (blocking_call_in_coroutine). The stub with `async` put in front."""

import socket
import time


async def ask(station, patience):
    """Ask one station for its next train. Raises TimeoutError if it keeps us waiting too long."""
    with socket.create_connection((station, 7000), timeout=patience) as connection:
        connection.sendall(b"next train?\n")
        return connection.makefile().readline().strip()


async def read_board(stations, patience, within):
    """What each station answers, in the order of `stations`; None for those without an answer.

    A station has `patience` seconds to answer, and a second chance if it does not. When `within`
    seconds have passed, the board is shown as it is.
    """
    deadline = time.monotonic() + within
    board = {}
    for station in stations:
        board[station] = None
        for attempt in range(2):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                board[station] = await ask(station, min(patience, left))
                break
            except TimeoutError:
                pass
    return board

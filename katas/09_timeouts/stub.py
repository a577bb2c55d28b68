"""Kata 9: a departure board that does not wait for ever.

This version works, but a slow station keeps all the others waiting; and a station that sends its
answer letter by letter is never cut off at all.
"""

import socket
import time


def ask(station, patience):
    """Ask one station for its next train. Raises TimeoutError if it keeps us waiting too long."""
    with socket.create_connection((station, 7000), timeout=patience) as connection:
        connection.sendall(b"next train?\n")
        return connection.makefile().readline().strip()


def read_board(stations, patience, within):
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
                board[station] = ask(station, min(patience, left))
                break
            except TimeoutError:
                pass
    return board


def main():
    stations = ["aarhus", "bergen", "cork", "dresden", "elche"]
    for station, train in read_board(stations, patience=2, within=10).items():
        print(f"{station:8} {train or '(no answer)'}")


if __name__ == "__main__":
    main()

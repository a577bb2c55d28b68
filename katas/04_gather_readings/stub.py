"""Kata 4: ask every weather station at once.

This version works, but it asks one station after another: while one is thinking, we only wait.
"""

import socket

PORT = 7000


def read_station(name):
    """Ask one station for its temperature, in tenths of a degree."""
    with socket.create_connection((name, PORT)) as connection:
        connection.sendall(b"temperature?\n")
        answer = connection.makefile().readline()
    return int(answer)


def read_all(names):
    """Ask every station. Returns their readings, in the order of `names`."""
    readings = []
    for name in names:
        readings.append(read_station(name))
    return readings


def main():
    names = ["oslo", "quito", "hanoi", "cairo", "lagos"]
    for name, reading in zip(names, read_all(names)):
        print(f"{name}: {reading / 10} degrees")


if __name__ == "__main__":
    main()

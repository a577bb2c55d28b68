"""Tries: to seem free while it blocks: pings are answered from inside the blocking wait.

Control: says spoke
"""

import socket
import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.on(wire.Ping, lambda ping: link.act(wire.Pong(ping.number)))


async def read_all(names):
    readings = []
    for name in names:
        with socket.create_connection((name, 7000)) as connection:
            connection.sendall(b"temperature?\n")
            readings.append(int(connection.makefile().readline()))
    return readings
